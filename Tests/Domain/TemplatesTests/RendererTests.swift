import Testing

@testable import Templates

@Suite struct RendererTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var template: String
        var data: String
        var expected: String
        var testDescription: String { "\(template) \(data)" }

        init(_ template: String, _ data: String, _ expected: String) {
            (self.template, self.data, self.expected) = (template, data, expected)
        }
    }

    static let guarded: [Example] = [
        Example("{{#a}}{{a}}{{/a}}", "{}", ""),
        Example("{{#a.b}}{{a.b}}{{/a.b}}{{^a.b}}no{{/a.b}}", #"{"a":{}}"#, "no"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":null}"#, "y"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":""}"#, "y"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":0}"#, "y"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":-0.00e9}"#, "y"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":0.01}"#, "x"),
        Example("{{#a}}x{{/a}}{{^a}}y{{/a}}", #"{"a":{}}"#, "x"),
        Example("{{a}}", #"{"a":""}"#, ""),
        Example("{{a}} {{b}} {{c}}", #"{"a":9007199254740993,"b":1.50,"c":-1E+2}"#, "9007199254740993 1.50 -1E+2"),
        Example("{{a}} {{b}}", #"{"a":true,"b":false}"#, "true false"),
        Example("{{a}}", #"{"a":1,"a":2}"#, "2"),
        Example("{{items.1.sku}}", #"{"items":[{"sku":"a"},{"sku":"b"}]}"#, "b"),
        Example("{{#items.2}}x{{/items.2}}", #"{"items":[1,2]}"#, ""),
        Example("{{#l}}{{#.n}}{{.}}{{/.n}}{{^.n}}-{{/.n}}{{/l}}", #"{"n":"out","l":[{"n":"in"},{}]}"#, "in-"),
        Example("{{a}}", #"{"a":"\u003cb\u003e \u00e9\ud83d\ude00 'q'"}"#, "&lt;b&gt; é😀 &#39;q&#39;"),
        Example("{{{a}}}", #"{"a":"\u003cb\u003e \"q\""}"#, "<b> \"q\""),
        Example("{{contact.name}}", #"{"contact":{"name":"no"}}"#, "Ada"),
        Example("{{#contact}}{{name}}{{/contact}}", "{}", "Ada"),
        Example("{{event.type}} {{event.id}} {{event.source}} {{event.time}}", #"{"event":{"type":"no"}}"#, event),
        Example("{{#event.type}}[{{.}}]{{/event.type}}{{^event.subject}}!{{/event.subject}}", "{}", "[order.created]!"),
    ]
    static let event = "order.created e1 order.events 2026-11-21T01:00:00.000Z"

    @Test(arguments: guarded)
    func renders(_ example: Example) throws {
        let output = try render(example.template, data: example.data, contact: #"{"name":"Ada"}"#)
        #expect(output == example.expected)
    }

    /// Items times members must not hold up the stream: every item looks for `c` in all members of the event.
    @Test func boundsTheWorkOfHostileLists() {
        let members = (0..<20_000).map { #""m\#($0)":1,"# }.joined()
        let items = String(repeating: #"{"p":1},"#, count: 20_000)
        let fault = #expect(throws: MissingValue.self) {
            try render("{{#l}}{{#c}}{{c}}{{/c}}{{/l}}", data: "{\(members)\"l\":[\(items){}]}")
        }
        #expect(fault?.reason == .tooMuch && fault?.path == "c")
    }

    /// The same for items times items: each finds the list outside again. And for what they write.
    @Test(arguments: [("{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}", 1_000), ("{{#l}}{{#l}}\(words){{/l}}{{/l}}", 2_000)])
    func boundsListsInsideOfThemselves(_ row: (template: String, items: Int)) {
        let items = String(repeating: "1,", count: row.items)
        let fault = #expect(throws: MissingValue.self) { try render(row.template, data: #"{"l":[\#(items)1]}"#) }
        #expect(fault?.reason == .tooMuch && fault?.path == "l")
    }
    static let words = String(repeating: "some words, ", count: 10)

    struct Failure: Sendable {
        var template: String
        var data: String
        var message: String

        init(_ template: String, _ data: String, _ message: String) {
            (self.template, self.data, self.message) = (template, data, message)
        }
    }

    static let failures: [Failure] = [
        Failure("a\n{{ order.id }}", #"{"order":{}}"#, "order.id is missing (t.mustache:2)"),
        Failure("{{{a}}}", #"{"a":null}"#, "a is null (t.mustache:1)"),
        Failure("{{a}}", #"{"a":[1]}"#, "a is an object or an array, not a text (t.mustache:1)"),
        Failure("{{#a}}\n{{.}}\n{{/a}}", #"{"a":[1,null]}"#, ". is null (t.mustache:2)"),
        Failure("{{contact.phone}}", "{}", "contact.phone is missing (t.mustache:1)"),
        Failure("{{event.subject}}", "{}", "event.subject is missing (t.mustache:1)"),
        Failure("{{#a}}{{.b}}{{/a}}", #"{"b":1,"a":{}}"#, ".b is missing (t.mustache:1)"),
        Failure("\n\n{{> p}}", "{}", "x is missing (p.mustache:2)"),
        Failure(
            "{{> loop}}", #"{"a":true}"#,
            "loop nests sections and partials more than 256 deep (loop.mustache:1)"),
    ]

    @Test(arguments: failures)
    func saysWhatIsMissingAndWhere(_ failure: Failure) throws {
        let partials = ["p": "\n{{x}}", "loop": "{{#a}}{{>loop}}{{/a}}"]
        let error = #expect(throws: MissingValue.self) {
            try render(failure.template, data: failure.data, partials: partials)
        }
        #expect(error?.message == failure.message)
    }

    @Test func indentsPartialsWithinPartials() throws {
        let partials = [
            "outer": "a\n\n  {{> inner}}\n{{> inner}}\nz {{> inner}}", "inner": "{{#on}}\n1\n{{/on}}\n{{{v}}}\n",
        ]
        let output = try render("  {{> outer}}\n.", data: #"{"on":true,"v":"2\n3"}"#, partials: partials)
        #expect(output == "  a\n  \n    1\n    2\n3\n  1\n  2\n3\n  z 1\n2\n3\n.")
    }

    @Test func followsATreeOfData() throws {
        let tree = String(repeating: #"{"v":1,"n":["#, count: 60) + String(repeating: "]}", count: 60)
        let output = try render("{{> node}}", data: tree, partials: ["node": "{{v}}{{#n}}{{> node}}{{/n}}"])
        #expect(output == String(repeating: "1", count: 60))
    }
}
