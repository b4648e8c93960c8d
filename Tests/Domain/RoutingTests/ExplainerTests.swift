import Settings
import TestKit
import Testing

@testable import Routing

struct ExplainerTests {
    private static func explain(
        _ when: String, _ json: String, event: String = "order.created", environment: [String: String] = [:]
    ) throws -> Explainer.Verdict {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let routes =
            "routes:\n  - name: r\n    event: \(event)\n    when: \(when)\n    notify: [{ channel: webhook, to: { endpoint: e } }]\n"
        let file = folder.write("routing.yaml", routes)
        folder.write("templates/t/email.subject.mustache", "x")
        folder.write("templates/t/email.text.mustache", "x")
        let table = try RoutingTable.load(
            file: file, templatesDirectory: "\(folder.path)/templates", endpoints: nil, environment: environment)
        let explainer = Explainer(table: table, contacts: ContactTable())
        let explanation = RecordFixture(json: json).withRecord { explainer.explain($0) }
        return try #require(explanation.routes.first).verdict
    }

    private static func failure(_ field: String, _ condition: String, _ found: String?) -> Explainer.Verdict {
        .failed([.init(field: field, condition: condition, found: found)])
    }

    private static let order =
        #"{"event_type":"order.created","amount":7,"country":"CH","items":[{"sku":"A"},{"sku":"B"}]}"#

    @Test func namesTheFirstConditionThatFails() throws {
        #expect(try Self.explain("{ amount: [7] }", Self.order) == .matched)
        #expect(
            try Self.explain(#"{ amount: [{ numeric: [">", 10] }], country: ["DE"] }"#, Self.order)
                == Self.failure("amount", #"[{"numeric":[">",10]}]"#, "7"))
        #expect(
            try Self.explain("{ amount: [7], country: [DE, FR] }", Self.order)
                == Self.failure("country", #"["DE","FR"]"#, #""CH""#))
        #expect(
            try Self.explain("{ items: { sku: [C] } }", Self.order)
                == Self.failure("items.sku", #"["C"]"#, #"["A","B"]"#))
        #expect(
            try Self.explain("{ ship.to: [CH] }", #"{"event_type":"order.created","ship.to":"DE","ship":{"to":"FR"}}"#)
                == Self.failure("ship.to", #"["CH"]"#, #"["FR","DE"]"#))
        #expect(
            try Self.explain("{ vip: [true] }", Self.order) == Self.failure("vip", "[true]", nil))
        #expect(
            try Self.explain("{ event: { source: [shop] } }", Self.order)
                == Self.failure("event.source", #"["shop"]"#, #""order.events""#))
    }

    @Test func showsVariablesButNoSecrets() throws {
        let environment = ["PREFIX": "D", "CARD_TOKEN": "hidden"]
        #expect(
            try Self.explain(
                #"{ country: [{ prefix: "${PREFIX}" }, "${CARD_TOKEN}"] }"#, Self.order, environment: environment)
                == Self.failure("country", #"[{"prefix":"D"},"***"]"#, #""CH""#))
    }

    @Test func namesEveryAlternativeThatFails() throws {
        let verdict = try Self.explain("{ $or: [{ amount: [1] }, { country: [DE] }] }", Self.order)
        guard case .failed(let failures) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(failures.map(\.field) == ["amount", "country"])
        #expect(try Self.explain("{ $or: [{ amount: [1] }, { country: [CH] }] }", Self.order) == .matched)
    }

    @Test func namesTheTypesThatARouteWants() throws {
        #expect(try Self.explain("{ amount: [7] }", Self.order, event: "payment.*") == .otherType(["payment.*"]))
    }
}
