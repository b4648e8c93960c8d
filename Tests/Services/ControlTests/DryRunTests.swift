import Events
import Notifications
import Routing
import TestKit
import Testing

@testable import Control

struct DryRunTests {
    private static func table(_ routes: String) throws -> RoutingTable {
        let folder = TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let file = folder.write("routing.yaml", "routes:\n" + routes)
        folder.write("templates/t/email.subject.mustache", "Hello")
        folder.write("templates/t/email.text.mustache", "Order {{order_id}}")
        folder.write("templates/t/sms.text.mustache", "Order")
        return try RoutingTable.load(
            file: file, templatesDirectory: "\(folder.path)/templates", endpoints: nil, environment: [:])
    }

    private static let mail = """
          - name: mail
            event: order.created
            notify: [{ channel: email, to: [email], template: t }]

        """
    private static let text = """
          - name: text
            event: order.*
            when: { amount: [{ numeric: [">", 100] }] }
            notify: [{ channel: sms, to: [phone], template: t }]

        """

    private static func run(_ tables: [String], events: [String], examples: Int = 2) throws -> DryRun {
        let run = DryRun(
            try tables.map { (try table($0), ContactTable()) }, maximumEventBytes: 1 << 20, maximumExamples: examples)
        for event in events { RecordFixture(json: event).withRecord { run.take($0) } }
        run.finish()
        return run
    }

    private static func event(_ id: Int, amount: Int) -> String {
        """
        {"event_type":"order.created","event_id":"\(id)","order_id":\(id),"amount":\(amount),\
        "email":"a@example.com","phone":"+41791234567"}
        """
    }

    @Test func countsEveryEnd() throws {
        let events = [
            Self.event(1, amount: 1), Self.event(2, amount: 500), #"{"event_type":"x"}"#, "{",
            #"{"event_type":"order.created","order_id":1}"#,
        ]
        let run = try Self.run([Self.mail + Self.text], events: events)
        let mail = DryRun.Cell(route: "mail", channel: .email)
        #expect(run.events == 5 && run.before.unrouted == 1 && run.before.rejected == 1)
        #expect(run.before.notifications == [mail: 2, DryRun.Cell(route: "text", channel: .sms): 1])
        #expect(run.before.suppressed == [mail: 1] && run.after == nil && run.difference.isEmpty)
    }

    @Test func comparesTwoTables() throws {
        let events = (0..<5).map { Self.event($0, amount: $0 * 60) }
        let changed = Self.mail.replacing("template: t", with: "template: t, priority: high")
        #expect(try Self.run([Self.mail, Self.mail], events: events).difference.isEmpty)
        let run = try Self.run([Self.mail, changed + Self.text], events: events)
        #expect(run.difference == "+3 sms, ~5 email")
        #expect(run.examples.filter { $0.change == .added }.count == 2)
        #expect(run.examples.first { $0.change == .added }?.place == "order.events:3:42")
        #expect(run.examples.first { $0.change == .added }?.eventType == "order.created")
        #expect(try Self.run([Self.mail + Self.text, Self.text], events: events).difference == "-5 email")
    }
}
