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
        #expect(
            try render("<" + example.template + ">", data: data, escaping: example.escaping) == "<\(example.expected)>")
    }

    @Test func leavesWhatStandsBeforeAlone() {
        var output = Array("<a>".utf8)
        output += Array("<".utf8)
        Escape.apply(.html, markup: true, to: &output, from: 3)
        #expect(String(decoding: output, as: UTF8.self) == "<a>&lt;")
    }
}
