import JSONBytes
import Templates

/// What must hold for any template and any data: compiling ends with a template or with faults, rendering with the
/// same text each time or an error, in bounded time and memory.
///
/// The input is a byte that chooses escaping and mode, a template, a partial named `p`, and JSON data; NUL between.
enum TemplateProperties {
    private static let escapings: [Template.Escaping] = [.none, .html, .slack, .slackJSON]

    static func check(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        let (text, partial, data) = (input.part(), input.part(), input.remainder())
        let source = TemplateSource(file: "t", text: String(decoding: text, as: UTF8.self))
        let partials = PartialSet(["p": TemplateSource(file: "p", text: String(decoding: partial, as: UTF8.self))])
        let (escaping, mode) = (escapings[Int(choice & 3)], choice & 4 == 0 ? Template.Mode.lenient : .strict)
        let template: Template
        let embedded: Template
        do throws(TemplateError) {
            template = try Template.compile(source, escaping: escaping, partials: partials, mode: mode)
            embedded = try Template.compile(
                source, escaping: escaping, partials: partials, mode: mode, for: .jsonString)
        } catch {
            return try Violation.unless(!error.faults.isEmpty, "a template is refused without a fault")
        }
        let document = JSONDocument()
        defer { withExtendedLifetime(document) {} }
        try data.withUnsafeBufferPointer { (data) throws(Violation) in
            guard let value = try? document.parse(UnsafeRawBufferPointer(data)) else { return }
            try check(template, embedded, value)
        }
    }

    private static func check(
        _ template: Template, _ embedded: Template, _ data: JSONValue
    ) throws(Violation) {
        let (first, second) = (render(template, data), render(template, data))
        try Violation.unless(first.text == second.text && first.failed == second.failed, "rendered differently")
        try Violation.unless(
            first.text.withUnsafeBytes { UTF8Sequence.isValid($0) }, "rendered text that is not UTF-8")
        var escaped = ByteBuffer()
        first.text.withUnsafeBytes { JSONWriter.appendEscaped($0, to: &escaped) }
        try Violation.unless(
            render(embedded, data).text == [UInt8](escaped), "rendered into JSON as something else than the text")
    }

    private static func render(_ template: Template, _ data: JSONValue) -> (text: [UInt8], failed: Bool) {
        var output = ByteBuffer()
        let failed = Array("word".utf8).withUnsafeBytes { word in
            let scope = TemplateScope(
                data: data, contact: data,
                attributes: EventAttributes(id: word, type: word, source: word, time: word))
            do throws(MissingValue) {
                try template.render(scope, into: &output)
                return false
            } catch {
                return true
            }
        }
        return ([UInt8](output), failed)
    }
}
