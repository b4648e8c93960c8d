import Events
import JSONBytes
import Routing
import Settings
import TestKit

/// What must hold for any event pattern and any event: the answer depends on the values only, not on how the event is
/// written, nor on what the matcher was asked before.
///
/// The input is the pattern as YAML, then the event's data; NUL between.
enum PatternProperties {
    static func check(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var input = FuzzInput(bytes)
        let (text, data) = (input.part(), input.remainder())
        guard let pattern = compile(String(decoding: text, as: UTF8.self)) else { return }
        var matcher = PatternMatcher()
        guard let answer = match(pattern, data, &matcher) else { return }
        let again = match(pattern, data, &matcher)
        try Violation.unless(again == answer, "the same question has another answer")
        var canonical = ByteBuffer()
        data.withUnsafeBytes { bytes in
            let document = JSONDocument()
            if let value = try? document.parse(bytes) { CanonicalJSON.append(value, to: &canonical) }
            withExtendedLifetime(document) {}
        }
        let rewritten = match(pattern, [UInt8](canonical), &matcher)
        try Violation.unless(rewritten == answer, "the same event, written otherwise, has another answer")
    }

    private static func compile(_ text: String) -> Pattern? {
        guard let node = try? YAMLNode.parse(text, file: "pattern") else { return nil }
        return try? Pattern.compile(node, key: "when", file: "pattern")
    }

    /// nil where the data is none.
    private static func match(_ pattern: Pattern, _ data: [UInt8], _ matcher: inout PatternMatcher) -> Bool? {
        let record = RecordFixture(
            value: data, headers: [("ce_specversion", Array("1.0".utf8)), ("ce_type", Array("order.created".utf8))])
        let reader = EventReader()
        defer { withExtendedLifetime((record, reader)) {} }
        return record.withRecord { record in
            guard let event = try? reader.read(record) else { return nil }
            return try? matcher.matches(pattern, event)
        }
    }
}
