import CommandLineKit
import Core
import Kafka
import Lifecycle
import Settings
import Synchronization
import TestKit
import Testing

/// The whole service with the shipped routes against librdkafka's mock cluster, whose groups take three seconds to
/// form: each case walks through one life. The mock shows aborted records too; what a reader of committed records sees
/// is proven on a real broker.
struct CoreServiceTests {
    @Test(.timeLimit(.minutes(2)))
    func mapsRejectsSuppressesAndStops() throws {
        let run = try CoreRun()
        try run.publish([
            #"{"event_type":"order.created","user_id":"test123","order_id":"ORD001","amount":99.99}"#,
            "not json", #"{"event_type":"no.such.type"}"#,
            #"{"event_type":"order.cancelled","user_id":"nobody","email":"x@example.com"}"#,
        ])
        try run.wait([
            "notifications.email": 2, "notifications.webhook": 1, "notifications.slack": 1, "events.dlq": 1,
            "notifications.status": 1,
        ])
        #expect(run.stop() == .ok)
        let mail = try #require(run.records("notifications.email").first { $0.key == Array("test123".utf8) })
        #expect(mail.headers.text("ce_type") == "notification.email" && mail.headers.text("ce_specversion") == "1.0")
        #expect(mail.headers.text("ce_source") == "/notificationhub/core")
        #expect(
            mail.headers.text("content-type") == "application/json" && mail.headers.text("traceparent")?.count == 55)
        #expect(String(decoding: mail.value ?? [], as: UTF8.self).contains(mail.headers.text("ce_id") ?? "?"))
        let letter = try #require(run.records("events.dlq").first)
        #expect(letter.value == Array("not json".utf8) && letter.headers.text("x-dlq-error-class") == "malformed")
        let status = try #require(run.records("notifications.status").first)
        #expect(String(decoding: status.value ?? [], as: UTF8.self).contains(#""status":"suppressed""#))
        #expect(run.records("notifications.sms").isEmpty)
    }

    /// Topics of channels that no route uses need not be there; a table that does is taken when they are.
    @Test(.timeLimit(.minutes(2)))
    func needsTheTopicsOfItsRoutesOnly() throws {
        let mail = "{ channel: email, to: [email], template: order-created }"
        let text = "{ channel: sms, to: [phone], template: order-cancelled }"
        func event(_ id: String) -> String {
            #"{"event_type":"a","event_id":"\#(id)","order_id":"1","email":"a@example.com","phone":"+33612345678"}"#
        }
        let run = try CoreRun(
            topics: CoreRun.inputs + ["notifications.email", "notifications.status", "events.dlq"],
            routes: "routes: [{ event: a, notify: [\(mail)] }]")
        try run.publish([event("1")])
        try run.wait(["notifications.email": 1])
        let table = "routes: [{ event: a, notify: [\(mail), \(text)] }]"
        try run.reload(routes: table)
        for number in 2...4 {
            try run.publish([event("\(number)")])
            try run.wait(["notifications.email": number])
        }
        try run.createTopic("notifications.sms")
        try run.reload(routes: table)
        var number = 4
        while run.records("notifications.sms").isEmpty, number < 40 {
            number += 1
            try run.publish([event("\(number)")])
            try run.wait(["notifications.email": number])
        }
        #expect(run.stop() == .ok)
        #expect((1...(number - 4)).contains(run.records("notifications.sms").count))
        #expect(run.records("notifications.email").count == number && run.records("events.dlq").isEmpty)
    }

    /// Under load one transaction follows the other; a new table must not wait until there is nothing left to do.
    @Test(.timeLimit(.minutes(1)))
    func reloadsWhileABacklogIsWorkedOff() throws {
        let total = 40_000
        // The limit is no divisor of what one poll brings, so that a transaction is open after nearly every turn.
        let run = try CoreRun.oneChannel(
            watched: [], settings: "commit: { records: 333 }\n", events: CoreRun.events(0..<total)
        ) { run in
            run.cluster.fail(.endTransaction, with: Array(repeating: 0, count: 1000), delay: .milliseconds(30))
        }
        try run.wait(until: { run.ledger.consumed > 0 })
        try run.reload(
            routes: "routes: [{ event: a, notify: [{ channel: email, to: [email], template: order-cancelled }] }]")
        try run.wait(until: { run.metric("notificationhub_core_reloads_total", "accepted") == 1 })
        #expect(run.ledger.consumed < total / 2)
        #expect(run.stop() == .ok)
    }

    /// What one poll brings may become far more than a transaction is to hold: it is committed on the way.
    @Test(.timeLimit(.minutes(2)))
    func commitsInTimeWhereFewEventsBecomeMuch() throws {
        let recipients = (0..<200).map { #""r\#($0)@example.com""# }.joined(separator: ",")
        let events = (0..<300).map {
            #"{"event_type":"a","event_id":"e\#($0)","order_id":"1","email":[\#(recipients)]}"#
        }
        let run = try CoreRun.oneChannel(watched: [], settings: "commit: { interval: 20ms }\n", events: events)
        try run.wait(until: { run.ledger.consumed == events.count })
        #expect(run.ledger.produced == 200 * events.count && run.ledger.aborted == 0)
        #expect(run.metric("notificationhub_core_transactions_total", "committed") >= 10)
        #expect(run.stop() == .ok)
    }

    /// 14 COORDINATOR_LOAD_IN_PROGRESS: the commit goes on for ever, and its outcome is not known at the end.
    /// 19 NOT_ENOUGH_REPLICAS: neither the commit nor the abort gets through.
    @Test(.timeLimit(.minutes(2)), arguments: [Int32(14), 19])
    func leavesInPeaceWhenKafkaDoesNotAnswerTheDrain(_ code: Int32) throws {
        let run = try CoreRun(settings: "drain_timeout: 1s\n")
        run.cluster.fail(.endTransaction, with: Array(repeating: code, count: 5000))
        try run.publish(Self.events(0..<1))
        try run.wait(["notifications.email": 1])
        let start = ContinuousClock.now
        #expect(run.stop() == .ok)
        #expect(ContinuousClock.now - start < .seconds(4))
    }

    @Test(.timeLimit(.minutes(5)))
    func leavesWhenTopicsAreMissing() throws {
        let run = try CoreRun(topics: ["order.events"])
        #expect(run.waitForExit() == .unavailable)
    }

    private static func events(_ numbers: Range<Int>) -> [String] {
        numbers.map { #"{"event_type":"payment.success","event_id":"e\#($0)","email":"a@example.com"}"# }
    }
}
