package import JSONBytes
internal import Time

/// Turns records into events: plain JSON objects and CloudEvents 1.0, binary and structured, told apart as the
/// CloudEvents Kafka binding says.
///
/// Allocates nothing for a usual event. Not thread-safe: one owner at a time.
package final class EventReader {
    /// A larger value is rejected; in bytes.
    package let maximumBytes: Int
    /// Arrays and objects nested more deeply are rejected.
    package static let maximumDepth = 128

    let document = JSONDocument()
    /// The data of a structured CloudEvent that comes as base64.
    let embedded = JSONDocument()
    var embeddedBytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    // Unchecked: it is only used in `read`, by the one owner, and not while a text is made.
    @exclusivity(unchecked) var texts = TextArena()

    package init(maximumBytes: Int = 1 << 20) {
        self.maximumBytes = maximumBytes
    }

    deinit {
        embeddedBytes.deallocate()
    }

    /// Reads one record. The event is valid until the next call, and as long as the record's bytes live.
    ///
    /// - Throws: why the record is no event.
    package func read(_ record: borrowing InputRecord) throws(Rejection) -> Event {
        guard let value = record.value else {
            throw .malformed("tombstone", "the record has no value (a tombstone)")
        }
        guard !value.isEmpty else { throw .malformed("empty", "the record's value is empty") }
        guard value.count <= maximumBytes else {
            throw Rejection(
                .tooLarge, code: "too_large",
                message: "the record's value has \(value.count) bytes, more than \(maximumBytes)", stage: .read)
        }
        let headers = try EventHeaders(record.headers)
        let root = try parse(value, with: document, what: "the record's value")
        // What is unescaped or made up: at most every byte of the value and of the data inside of its base64, the
        // derived id and a time.
        texts.reset(capacity: 2 * value.count + record.topic.count + 128)
        switch headers.mode {
        case .structured: return try structured(root, record)
        case .binary: return try binary(root, headers, record)
        case .plain: return try plain(root, record)
        }
    }

    func parse(
        _ bytes: UnsafeRawBufferPointer, with document: JSONDocument, what: StaticString
    ) throws(Rejection) -> JSONValue {
        do throws(JSONFault) {
            return try document.parse(bytes, maximumDepth: Self.maximumDepth)
        } catch {
            switch error.code {
            case .tooDeep:
                throw .malformed("too_deep", "\(what) is nested more than \(Self.maximumDepth) levels deep")
            case .invalidUTF8: throw .malformed("invalid_utf8", "\(what) is not JSON: \(error.message)")
            default: throw .malformed("not_json", "\(what) is not JSON: \(error.message)")
            }
        }
    }
}

// MARK: - The two simple forms

extension EventReader {
    private func plain(_ root: JSONValue, _ record: borrowing InputRecord) throws(Rejection) -> Event {
        guard root.kind == .object else {
            throw .malformed("not_an_object", "the event is \(root.kind.words), not an object")
        }
        var (type, id, userID, timestamp): (JSONValue?, JSONValue?, JSONValue?, JSONValue?)
        root.forEachMember { key, value in
            switch key.raw.count {
            case 8 where key.equals("event_id"): id = value
            case 7 where key.equals("user_id"): userID = value
            case 10 where key.equals("event_type"): type = value
            case 9 where key.equals("timestamp"): timestamp = value
            default:
                // A name written with escapes has another length.
                guard key.hasEscapes else { return }
                if key.equals("event_id") { id = value }
                if key.equals("user_id") { userID = value }
                if key.equals("event_type") { type = value }
                if key.equals("timestamp") { timestamp = value }
            }
        }
        guard let type = try string(type, "event_type") else {
            // The binding tells by the content type, which the Python SDK leaves out of what it calls structured.
            if root.member("specversion") != nil { return try structured(root, record) }
            throw Self.noType("event_type")
        }
        let (time, moment) = time(timestamp.flatMap { $0.kind == .string ? text(of: $0) : nil }, record)
        return Event(
            id: try identifier(id, "event_id") ?? derivedID(record), type: type, source: record.topic, subject: nil,
            time: time, timestamp: moment, userID: try identifier(userID, "user_id"), data: root)
    }

    private func binary(
        _ data: JSONValue, _ headers: EventHeaders, _ record: borrowing InputRecord
    ) throws(Rejection) -> Event {
        guard let type = headers.type else { throw Self.noType("ce_type") }
        let (time, moment) = time(headers.time, record)
        return Event(
            id: headers.id ?? derivedID(record), type: type, source: headers.source ?? record.topic,
            subject: headers.subject, time: time, timestamp: moment,
            userID: try identifier(data.member("user_id"), "user_id") ?? headers.subject, data: data)
    }

    static func noType(_ name: StaticString) -> Rejection {
        Rejection(.noType, code: "no_type", message: "the event has no \(name)", stage: .read)
    }
}

// MARK: - Attributes

extension EventReader {
    /// The text of a string: borrowed from the document where it can be.
    private func text(of value: JSONValue) -> UnsafeRawBufferPointer {
        value.hasEscapes ? texts.text { value.appendText(to: &$0) } : value.raw
    }

    /// The text of an attribute that must be a string; nil where it is absent, null or empty.
    func string(_ value: JSONValue?, _ name: StaticString) throws(Rejection) -> UnsafeRawBufferPointer? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .string else {
            throw .malformed("wrong_type", "\(name) is \(value.kind.words), not a string")
        }
        let text = text(of: value)
        return text.isEmpty ? nil : text
    }

    /// The same for an id, which may be a number: then it is the number's JSON text.
    func identifier(_ value: JSONValue?, _ name: StaticString) throws(Rejection) -> UnsafeRawBufferPointer? {
        if let value, value.kind == .number { return value.raw }
        return try string(value, name)
    }

    /// The event's time: the text where it is RFC 3339, else the record's timestamp.
    func time(
        _ text: UnsafeRawBufferPointer?, _ record: borrowing InputRecord
    ) -> (UnsafeRawBufferPointer, UnixTime) {
        if let text, let time = UnixTime(rfc3339: text) { return (text, time) }
        let time = UnixTime(milliseconds: max(record.timestamp, 0))
        return (texts.text { $0.append(count: UnixTime.rfc3339Length) { time.writeRFC3339(to: $0) } }, time)
    }

    /// `<topic>-<partition>-<offset>`.
    func derivedID(_ record: borrowing InputRecord) -> UnsafeRawBufferPointer {
        let (topic, partition, offset) = (record.topic, record.partition, record.offset)
        return texts.text { text in
            text.append(topic)
            text.append(UInt8(ascii: "-"))
            text.append(text: String(partition))
            text.append(UInt8(ascii: "-"))
            text.append(text: String(offset))
        }
    }
}

extension JSONKind {
    /// The kind in a sentence.
    package var words: StaticString {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string, .key: "a string"
        case .number: "a number"
        case .true, .false: "a boolean"
        case .null: "null"
        }
    }
}
