import JSONBytes
import Testing

@testable import Templates

@Suite struct EscapeTests {
    struct Example: Sendable {
        var escaping: Template.Escaping
        var template: String
        var expected: String
    }

    static let examples: [Example] = [
        Example(escaping: .none, template: "{{v}}", expected: "a<&>\"'\\\n\tü\u{1}"),
        Example(escaping: .html, template: "{{v}}", expected: "a&lt;&amp;&gt;&quot;&#39;\\\n\tü\u{1}"),
        Example(escaping: .html, template: "{{&v}}", expected: "a<&>\"'\\\n\tü\u{1}"),
        Example(escaping: .slack, template: "{{v}}", expected: "a&lt;&amp;&gt;\"'\\\n\tü\u{1}"),
        Example(escaping: .slack, template: "{{{v}}}", expected: "a<&>\"'\\\n\tü\u{1}"),
        Example(escaping: .slackJSON, template: "{{v}}", expected: #"a&lt;&amp;&gt;\"'\\\n\tü "#),
        Example(escaping: .slackJSON, template: "{{{v}}}", expected: #"a<&>\"'\\\n\tü "#),
    ]

    @Test(arguments: examples)
    func escapesForItsTarget(_ example: Example) throws {
        let data = #"{"v":"a<&>\"'\\\n\tü\u0001"}"#
        for target in [Template.Target.text, .jsonString] {
            let output = try render(
                "<\"" + example.template + "\n", data: data, escaping: example.escaping, for: target)
            #expect(output == "<\"\(example.expected)\n")
        }
    }

    @Test func leavesWhatStandsBeforeAlone() {
        var output = ByteBuffer()
        output.append("<a><" as StaticString)
        Escape.apply(.html, markup: true, for: .text, to: &output, from: 3)
        #expect(String(decoding: output.bytes, as: UTF8.self) == "<a>&lt;")
    }
}
