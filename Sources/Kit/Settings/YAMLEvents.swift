internal import CYAML

/// The events of one YAML text, from libyaml.
///
/// The bytes must stay where they are as long as this lives.
final class YAMLEvents {
    enum Kind: Equatable {
        case scalar(String, plain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd, alias
        /// The text is over. A second document begins with an event of its own.
        case end
    }

    struct Event {
        var kind: Kind
        /// From 1.
        var line: Int
        var hasAnchor = false
        var hasTag = false

        var isAlias: Bool { kind == .alias }
    }

    /// The text is no YAML.
    struct Fault: Error {
        let line: Int
        let message: String
    }

    // libyaml keeps a pointer to the parser inside it: it must not move.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let bytes: UnsafeBufferPointer<UInt8>

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        parser.initialize(to: yaml_parser_t())
        // Fails only without memory; the first event says so then.
        _ = yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event that says something about content.
    func next() throws(Fault) -> Event {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { throw fault }
            defer { yaml_event_delete(&raw) }
            if let event = event(raw) { return event }
        }
    }

    private func event(_ raw: yaml_event_t) -> Event? {
        let line = raw.start_mark.line + 1
        switch raw.type {
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return Event(
                kind: .scalar(text, plain: isPlain), line: line, hasAnchor: scalar.anchor != nil,
                hasTag: scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            let start = raw.data.sequence_start
            return Event(kind: .sequenceStart, line: line, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_MAPPING_START_EVENT:
            let start = raw.data.mapping_start
            return Event(kind: .mappingStart, line: line, hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, line: line)
        case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, line: line)
        case YAML_ALIAS_EVENT: return Event(kind: .alias, line: line, hasAnchor: true)
        case YAML_STREAM_END_EVENT: return Event(kind: .end, line: line)
        default: return nil
        }
    }

    private var fault: Fault {
        let raw = parser.pointee
        if raw.error == YAML_READER_ERROR {
            // The reader has no line, only the offset of the byte it did not understand.
            let before = bytes.prefix(Int(raw.problem_offset))
            return Fault(line: before.count { $0 == UInt8(ascii: "\n") } + 1, message: "is not YAML: \(problem(raw))")
        }
        return Fault(line: raw.problem_mark.line + 1, message: "is not YAML: \(problem(raw))")
    }

    private func problem(_ raw: yaml_parser_t) -> String {
        let problem = raw.problem.map { String(cString: $0) } ?? "out of memory"
        guard let context = raw.context.map({ String(cString: $0) }) else { return problem }
        return "\(problem) \(context)"
    }
}
