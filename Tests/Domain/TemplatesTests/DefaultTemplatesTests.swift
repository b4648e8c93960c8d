import JSONBytes
import Testing

@testable import Templates

/// The templates that come with the product: each renders with an event that says next to nothing and with one that
/// says everything.
@Suite struct DefaultTemplatesTests {
    static let directory =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/config/templates"
    static let set: Result<TemplateSet, TemplateError> = Result { () throws(TemplateError) in
        try TemplateSet.load(directory: directory)
    }

    /// One event and what must stand in every part that a customer reads.
    struct Example: Sendable, CustomTestStringConvertible {
        var template: String
        var data: String
        var contact: String?
        var contains: [String] = []

        var testDescription: String { "\(template) \(data.prefix(40))" }
    }

    static let contact = #"{"email":"ada@example.com","phone":"+4915112345678","name":"Ada <Lovelace> & Co"}"#
    static let order = #"""
        "order_id":"ORD-2026-000123","amount":1249.50,"currency":"EUR","reason":"The \"item\" is <sold out>",
        "items":[{"name":"Coffee mug \"Blue\"","qty":2,"price":12.50},{"sku":"SKU-77","quantity":1,"price":1224.50},{}]
        """#
    /// Every name that a template asks for, with nothing behind it.
    static let nothing = #"""
        "order_id":null,"payment_id":null,"amount":null,"currency":null,"reason":null,"name":null,"user_id":null,
        "email":null,"items":[{"name":null,"sku":null,"price":null,"qty":null,"quantity":null}]
        """#
    static let names = ["order-created", "order-cancelled", "payment-success", "payment-failed", "user-registered"]
    static let examples: [Example] =
        names.map { Example(template: $0, data: "{}") }
        + names.map { Example(template: $0, data: #"{"user_id":"test123","order_id":"ORD001","amount":99.99}"#) }
        + names.map { Example(template: $0, data: "{\(nothing)}") }
        + names.map { name in
            Example(
                template: name, data: #"{"user_id":"u1","email":"ada@example.com",\#(order)}"#, contact: contact,
                contains: name == "user-registered" ? [] : ["ORD-2026-000123"])
        }

    @Test(arguments: examples)
    func renders(_ example: Example) throws {
        for channel in TemplateChannel.allCases {
            guard let templates = try Self.set.get().templates(name: example.template, channel: channel) else {
                continue
            }
            for locale in ["en", "fr"] {
                let variant = Array(locale.utf8).withUnsafeBytes { templates.variant(for: $0) }
                try check(variant.templates, example)
            }
        }
    }

    private func check(_ templates: ChannelTemplates, _ example: Example) throws {
        func text(_ template: Template) throws -> String {
            let text = try render(template, data: example.data, contact: example.contact)
            for word in example.contains { #expect(text.contains(word)) }
            #expect(!text.contains("{{") && !text.contains("}}") && !text.contains("\n\n\n\n"))
            return text
        }
        switch templates {
        case .email(let subject, let body, let html):
            let subject = try text(subject)
            #expect(!subject.contains("\n") && !subject.isEmpty && subject.count <= 78)
            #expect(try text(body).hasSuffix("\n"))
            if let html { #expect(try text(html).hasPrefix("<!doctype html>")) }
        case .sms(let body):
            let text = try text(body)
            #expect(text.utf8.count <= 160 && !text.contains("\n"))
            // All of these are in GSM 7 bit's basic set, one septet each.
            #expect(text.utf8.allSatisfy { (0x20...0x5A).contains($0) || (0x61...0x7A).contains($0) })
        case .slack(let fallback, let blocks):
            #expect(!(try text(fallback)).contains("\n"))
            let document = try JSONDocument(copying: try text(#require(blocks)))
            try checkBlocks(document)
        }
    }

    /// What Slack refuses: no fields, empty texts, texts that are too long.
    private func checkBlocks(_ document: JSONDocument) throws {
        let root = try #require(document.root)
        #expect(root.kind == .array && (1...50).contains(root.count))
        root.forEachElement { block in
            if let fields = block.member("fields") { #expect((1...10).contains(fields.count)) }
            if let text = block.member("text")?.member("text") { #expect((1...150).contains(text.string.count)) }
        }
        withExtendedLifetime(document) {}
    }

    @Test func speaksFrenchWhereTheContactDoes() throws {
        let templates = try #require(try Self.set.get().templates(name: "order-created", channel: .email))
        let variant = Array("fr_CA".utf8).withUnsafeBytes { templates.variant(for: $0) }
        #expect(variant.locale == "fr")
        guard case .email(let subject, _, let html) = variant.templates else { return }
        #expect(try render(subject, data: #"{"order_id":"ORD001"}"#) == "Commande ORD001 confirmée")
        #expect(try render(#require(html), data: "{}", contact: Self.contact).contains("Bonjour Ada &lt;Lovelace&gt;"))
    }

    @Test func takesNoNameOfAnotherLevelForAnItem() throws {
        let templates = try #require(try Self.set.get().templates(name: "order-created", channel: .email))
        guard case .email(_, let text, _) = templates.standard.templates else { return }
        let output = try render(text, data: #"{"name":"Ada","items":[{"sku":"S1"}]}"#)
        #expect(output.contains("Hello Ada,") && output.contains("  S1\n"))
    }
}
