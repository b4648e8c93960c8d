internal import CommandLineKit
internal import DeadLetters
internal import JSONBytes
internal import Kafka
internal import Time

/// A dead letter for people and for programs.
enum LetterFields {
    static func short(_ letter: ReceivedLetter, isOpen: Bool) -> [Printer.Field] {
        let record = letter.record
        return [
            ("at", .text("\(record.partition):\(record.offset)")), ("time", time(record.timestamp)),
            ("state", .text(state(letter, isOpen: isOpen))), ("class", .optional(letter.errorClass)),
            ("code", .optional(letter.code)), ("attempts", .optional(letter.attempts)),
            ("redrives", .integer(letter.redrives)), ("key", .optional(record.key.map(text))),
            ("id", .optional(LetterID.all(of: record).first)), ("message", .optional(letter.message)),
        ]
    }

    static func long(_ letter: ReceivedLetter, isOpen: Bool) -> [Printer.Field] {
        let record = letter.record
        var fields: [Printer.Field] = [
            ("topic", .text(record.topic)), ("at", .text("\(record.partition):\(record.offset)")),
            ("time", time(record.timestamp)), ("state", .text(state(letter, isOpen: isOpen))),
            ("class", .optional(letter.errorClass)), ("code", .optional(letter.code)),
            ("message", .optional(letter.message)), ("stage", .optional(letter.stage)),
            ("attempts", .optional(letter.attempts)), ("redrives", .integer(letter.redrives)),
            ("truncated_from", .optional(letter.truncatedFrom)),
        ]
        if let origin = letter.origin {
            fields += [
                ("origin", .text("\(origin.topic):\(origin.partition):\(origin.offset)")),
                ("origin_time", time(origin.timestamp)), ("origin_group", .text(origin.group)),
            ]
        }
        fields += [
            ("key", .optional(record.key.map(text))), ("headers", headers(record.headers)),
            ("value", .optional(record.value.map(text))),
        ]
        return fields
    }

    private static func state(_ letter: ReceivedLetter, isOpen: Bool) -> String {
        isOpen ? (letter.origin == nil ? "foreign" : "open") : "done"
    }

    private static func time(_ milliseconds: Int64) -> Printer.Cell {
        milliseconds < 0 ? .none : .text(UnixTime(milliseconds: milliseconds).rfc3339)
    }

    /// Text, or hexadecimal where the bytes are none.
    static func text(_ bytes: [UInt8]) -> String {
        String(validating: bytes, as: UTF8.self) ?? "0x" + bytes.map { hex($0) }.joined()
    }

    private static func hex(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func headers(_ headers: RecordHeaders) -> Printer.Cell {
        var writer = JSONWriter()
        writer.beginObject()
        for header in headers.list {
            writer.key(text(header.name))
            if let value = header.value { writer.string(text(value)) } else { writer.null() }
        }
        writer.endObject()
        return .json(String(decoding: writer.finish(), as: UTF8.self))
    }
}
