import Testing

@testable import Templates

/// Whatever a file holds, compiling it ends with a template or with faults, and rendering with text or an error.
@Suite struct TemplateFuzzTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let pieces = [
        "{{", "}}", "{{{", "}}}", "{{#a}}", "{{/a}}", "{{^a}}", "{{> p}}", "{{> q}}", "{{=", "=}}", "{{=| |=}}", "|a|",
        "|={{ }}=|", "{{!", "{", "}", "=", "|", "\n", "\r\n", " ", "\t", "é", "😀", "a", ".", "{{a}}", "{{.}}", "{{.a}}",
        "{{a.0.b}}", "{{event.id}}", "{{contact}}", "\u{0}", "\"", "<",
    ]

    @Test(arguments: [Template.Escaping.none, .html, .slack, .slackJSON])
    func endsForAnyText(_ escaping: Template.Escaping) {
        var generator = Generator(state: 42)
        var compiled = 0
        func text(_ length: Int) -> String {
            (0..<length).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }.joined()
        }
        for _ in 0..<1500 {
            let source = text(10)
            do {
                let partials = ["p": text(4), "q": text(6)]
                let template = try compile(source, escaping: escaping, partials: partials, mode: .lenient)
                compiled += 1
                _ = try render(template, data: #"{"a":[{"a":"<\"x\">","b":1},{"a":[[]]},"s",null,0]}"#)
            } catch let error as TemplateError {
                let lines = error.faults.compactMap(\.line)
                #expect(!lines.isEmpty && lines.allSatisfy { (1...31).contains($0) })
            } catch {
                // Lenient rendering fails only where partials nest without end.
                #expect((error as? MissingValue)?.reason == .tooDeep)
            }
        }
        #expect(compiled > 100)
    }
}
