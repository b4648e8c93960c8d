internal import JSONBytes
import Time

/// The bytes of one log line, at most as long as a pipe takes in one piece.
struct LogLine {
    /// `PIPE_BUF` of Linux.
    static let maximumLength = 4_096
    private static let maximumMessage = 1_024
    private static let maximumValue = 1_024

    let service: String
    let format: Log.Format

    func render(at time: UnixTime, level: Log.Level, event: String, message: String, fields: [LogField]) -> [UInt8] {
        switch format {
        case .json: json(time, level, event, message, fields)
        case .text: text(time, level, event, message, fields)
        }
    }

    private func json(
        _ time: UnixTime, _ level: Log.Level, _ event: String, _ message: String, _ fields: [LogField]
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("ts")
        writer.string(time.rfc3339)
        writer.key("level")
        writer.string(level.rawValue)
        writer.key("service")
        writer.string(Self.cut(service, to: 128))
        writer.key("event")
        writer.string(Self.cut(event, to: 128))
        let room = Self.maximumLength - 32
        for field in [LogField("message", Self.cut(message, to: Self.maximumMessage))] + fields {
            let length = writer.bytes.count
            writer.key(field.name)
            Self.write(field.value, to: &writer)
            guard writer.bytes.count > room else { continue }
            writer.bytes.truncate(to: length)
            writer.bytes.append(#","cut":true"#)
            break
        }
        writer.endObject()
        return writer.finish() + [UInt8(ascii: "\n")]
    }

    private func text(
        _ time: UnixTime, _ level: Log.Level, _ event: String, _ message: String, _ fields: [LogField]
    ) -> [UInt8] {
        let name = level.rawValue.uppercased()
        let padding = String(repeating: " ", count: 8 - name.count)
        var line =
            "\(time.rfc3339.dropFirst(11)) \(name)\(padding)\(event): \(Self.cut(message, to: Self.maximumMessage))"
        for field in fields { line += " \(field.name)=\(Self.plain(field.value))" }
        let clean = line.unicodeScalars.map { Self.isVisible($0) ? Character($0) : " " }
        return Array(Self.cut(String(clean), to: Self.maximumLength - 1).utf8) + [UInt8(ascii: "\n")]
    }

    /// A line break, an escape sequence or a change of direction inside of a value must not pretend to be another line.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    private static func write(_ value: LogField.Value, to writer: inout JSONWriter) {
        switch value {
        case .text(let text): writer.string(cut(text, to: maximumValue))
        case .integer(let number): writer.integer(Int(number))
        case .number(let number): number.isFinite ? writer.raw("\(number)") : writer.null()
        case .bool(let bool): writer.bool(bool)
        }
    }

    private static func plain(_ value: LogField.Value) -> String {
        switch value {
        case .text(let text): quoted(cut(text, to: maximumValue))
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let bool): "\(bool)"
        }
    }

    /// In quotes where it is empty or would not read as one word.
    private static func quoted(_ text: String) -> String {
        let isWord = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
        return isWord ? text : "\"\(text)\""
    }

    /// The beginning of a text that fits, without half a character.
    private static func cut(_ text: String, to length: Int) -> String {
        guard text.utf8.count > length else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: length)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
