internal import JSONBytes
internal import Settings

/// What a YAML scalar means as JSON: without quotes, `true`, `false`, `null` and JSON's numbers are what they say;
/// everything else is text.
enum YAMLScalar: Equatable {
    case text(String)
    case number(String)
    case literal(JSONKind)

    /// nil for a list or mapping.
    init?(_ node: YAMLNode) {
        guard case .scalar(let text, let isPlain) = node.content else { return nil }
        guard isPlain else {
            self = .text(text)
            return
        }
        switch text {
        case "true": self = .literal(.true)
        case "false": self = .literal(.false)
        default:
            self =
                node.isNull ? .literal(.null) : YAMLScalar.isNumber(text) ? .number(text) : .text(text)
        }
    }

    /// Appends the scalar as JSON.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.string(text)
        case .number(let text): writer.raw(text)
        case .literal(.true): writer.bool(true)
        case .literal(.false): writer.bool(false)
        case .literal: writer.null()
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (first >= 0x30 && first <= 0x39) else {
            return false
        }
        let document = JSONDocument()
        return withExtendedLifetime(document) {
            Array(text.utf8).withUnsafeBytes { (try? document.parse($0))?.kind == .number }
        }
    }
}

extension YAMLNode {
    /// The node as JSON, for people: what holds a secret is `***`.
    var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch content {
        case .scalar where expansion == .secret: writer.string(Secret.mask)
        case .scalar: YAMLScalar(self)?.write(to: &writer)
        case .sequence(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .mapping(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.key)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}
