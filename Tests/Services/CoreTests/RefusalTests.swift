import Kafka
import Lifecycle
import Testing

/// Records that Kafka never takes: each goes to the dead letters, and nothing waits for it longer than it must.
struct RefusalTests {
    /// 29 TOPIC_AUTHORIZATION_FAILED to one topic, 87 INVALID_RECORD to the other, in one transaction: only the second
    /// answer names a record, and it comes last.
    @Test(.timeLimit(.minutes(1)))
    func aRefusalIsSeenBehindAnotherError() throws {
        let routes = """
            routes:
              - { event: a, notify: [{ channel: email, to: [email], template: order-created }] }
              - { event: b, notify: [{ channel: sms, to: [phone], template: order-cancelled }] }
            """
        let run = try CoreRun(
            topics: ["order.events", "notifications.email", "notifications.sms", "events.dlq"], partitions: 1,
            routes: routes, settings: "topics: { inputs: [order.events] }\nstatus: false\n"
        ) { run in
            try run.publish(
                CoreRun.events(["1"])
                    + [#"{"event_type":"b","event_id":"2","order_id":"1","phone":"+33612345678"}"#])
            run.cluster.fail(.produce, with: [29, 87], delay: .milliseconds(200))
        }
        try run.wait(until: { run.ledger.consumed == 2 })
        #expect(run.ledger.rejected == 1 && run.ledger.produced == 1)
        try run.wait(["events.dlq": 1])
        let headers = run.records("events.dlq")[0].headers
        #expect(headers.text("x-dlq-error-class") == "permanent")
        #expect(headers.text("x-dlq-error-code") == "refused_by_broker")
        #expect(headers.text("x-dlq-error-message")?.hasSuffix("(INVALID_RECORD)") == true)
        #expect(run.stop() == .ok)
    }
}
