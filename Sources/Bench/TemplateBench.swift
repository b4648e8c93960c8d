import JSONBytes
import Templates

/// Renders the default templates of an order again and again, as the core does for every event.
enum TemplateBench {
    static let event = """
        {"event_type":"order.created","event_id":"e1","user_id":"u1","order_id":"ORD-2026-000123","amount":1249.50,\
        "currency":"EUR","items":[{"name":"Coffee mug \\"Blue\\"","qty":2,"price":12.50},\
        {"sku":"SKU-77","quantity":1,"price":1224.50}]}
        """
    static let contact = #"{"email":"ada@example.com","phone":"+4915112345678","name":"Ada Lovelace"}"#

    static func run(directory: String, rounds: Int) throws {
        let set = try TemplateSet.load(directory: directory)
        for (name, channel) in [
            ("order-created", TemplateChannel.email), ("order-created", .slack), ("payment-failed", .sms),
        ] {
            guard let templates = set.templates(name: name, channel: channel)?.standard.templates else { continue }
            for (part, template) in parts(templates) { try measure("\(name)/\(channel).\(part)", template, rounds) }
        }
    }

    private static func parts(_ templates: ChannelTemplates) -> [(String, Template)] {
        switch templates {
        case .email(let subject, let text, let html):
            [("subject", subject), ("text", text)] + (html.map { [("html", $0)] } ?? [])
        case .sms(let text): [("text", text)]
        case .slack(let text, let blocks): [("text", text)] + (blocks.map { [("blocks", $0)] } ?? [])
        }
    }

    private static func measure(_ name: String, _ template: Template, _ rounds: Int) throws {
        let (event, contact, word) = (Array(event.utf8), Array(contact.utf8), Array("order.created".utf8))
        try event.withUnsafeBytes { event in
            try contact.withUnsafeBytes { contact in
                try word.withUnsafeBytes { word in
                    let (data, person) = (JSONDocument(), JSONDocument())
                    let scope = TemplateScope(
                        data: try data.parse(event), contact: try person.parse(contact),
                        attributes: EventAttributes(id: word, type: word, source: word, time: word))
                    var output: [UInt8] = []
                    output.reserveCapacity(1 << 16)
                    let start = ContinuousClock.now
                    for _ in 0..<rounds {
                        output.removeAll(keepingCapacity: true)
                        try template.render(scope, into: &output)
                    }
                    let time = start.duration(to: .now) / rounds
                    print("\(name): \(output.count) bytes, \(time)")
                    withExtendedLifetime((data, person)) {}
                }
            }
        }
    }
}
