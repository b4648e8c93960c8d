import Testing

@testable import Templates

@Suite struct CompilerTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var template: String
        var faults: [String]
        var testDescription: String { template }

        init(_ template: String, _ faults: String...) {
            (self.template, self.faults) = (template, faults)
        }
    }

    static let partials = [
        "footer": "x", "self": "{{> self}}", "a": "x\n{{> b}}", "b": "{{> a}}", "bad": "\n{{#open}}",
    ]
    static let examples: [Example] = [
        Example("a\n{{#b}}\n{{#c}}{{/c}}", "t.mustache:2: the section \"b\" is not closed"),
        Example("{{/b}}", "t.mustache:1: \"b\" is closed, but no section is open"),
        Example("{{#a}}\n{{#b}}\n{{/a}}", "t.mustache:3: \"a\" is closed where \"b\" of line 2 is open"),
        Example("a\n{{b\n", "t.mustache:2: this tag has no \"}}\""),
        Example("{{{b}}", "t.mustache:1: this tag has no \"}}}\""),
        Example("{{! x", "t.mustache:1: this tag has no \"}}\""),
        Example(
            "{{=<%=}}", "t.mustache:1: delimiters are set by two words without \"=\", as in \"{{=<% %>=}}\""),
        Example(
            "{{= = = =}}", "t.mustache:1: delimiters are set by two words without \"=\", as in \"{{=<% %>=}}\""),
        Example("{{=<% %>=}}\n<% ", "t.mustache:2: this tag has no \"%>\""),
        Example("{{}}{{#  }}", "t.mustache:1: this tag is empty"),
        Example("{{a b}}", "t.mustache:1: \"a b\" is no name: it holds blanks"),
        Example("{{a..b}}", "t.mustache:1: \"a..b\" is no name: there is nothing between two dots"),
        Example("{{a.}}", "t.mustache:1: \"a.\" is no name: there is nothing between two dots"),
        Example(
            "{{event.kind}}",
            "t.mustache:1: \"event.kind\" is no attribute of an event; there are event.id, event.type, event.source, "
                + "event.time, event.subject"),
        Example(
            "{{<a}}{{/a}}", "t.mustache:1: \"<a\": blocks and parents are not supported",
            "t.mustache:1: \"a\" is closed, but no section is open"),
        Example("{{> foter}}", "t.mustache:1: there is no partial \"foter\"; did you mean footer?"),
        Example(
            "{{> self}}",
            "self.mustache:1: the partial \"self\" includes itself without a section around it, so it would never end"),
        Example(
            "{{> a}}",
            "a.mustache:2: the partial \"a\" includes itself without a section around it, so it would never end",
            "b.mustache:1: the partial \"b\" includes itself without a section around it, so it would never end"),
        Example(
            "{{> bad}}\n  {{> bad}}\n{{#x}}", "bad.mustache:2: the section \"open\" is not closed",
            "t.mustache:3: the section \"x\" is not closed"),
        Example(
            String(repeating: "{{#a}}", count: 65) + String(repeating: "{{/a}}", count: 64),
            "t.mustache:1: more than 64 sections are open"),
    ]

    @Test(arguments: examples)
    func reportsEveryFault(_ example: Example) {
        let error = #expect(throws: TemplateError.self) {
            try compile(example.template, partials: Self.partials)
        }
        #expect(error?.faults.map(\.text) == example.faults)
    }

    @Test func countsLinesBehindTagsThatTakeTheirLine() {
        let error = #expect(throws: TemplateError.self) {
            try compile("{{! one }}\r\n  {{#a}}  \n{{/a}}\n{{!\nfive\n}}\n{{#b}}")
        }
        #expect(error?.faults.first?.line == 7)
    }
}
