import Lifecycle
import Testing
import Time

@testable import DeliveryEngine

/// What the metrics tell of one consumer's work.
struct ConsumerMetricsTests {
    @Test func everyEndIsCountedByOutcomeAndClass() throws {
        let harness = try ConsumerHarness { id, count in
            switch id {
            case "bad": 404
            case "again": count == 1 ? 503 : 200
            default: 200
            }
        }
        let running = harness.start()
        for id in ["good", "bad", "again"] { try harness.notify(id, key: id) }
        try harness.notify("old", key: "old", expires: "2020-01-01T00:00:00Z")
        try harness.send(Array("{".utf8))
        try eventually({ running.metric("notifications_total") == 5 })
        func count(_ name: String, _ labels: String) -> Int? { running.metric(name, "channel=\"webhook\",\(labels)}") }
        #expect(count("notifications_total", #"outcome="delivered",class="none""#) == 2)
        #expect(count("notifications_total", #"outcome="expired",class="expired""#) == 1)
        #expect(count("notifications_total", #"outcome="dead_letter",class="permanent""#) == 1)
        #expect(count("dead_letters_total", #"class="permanent""#) == 1)
        #expect(count("dead_letters_total", #"class="malformed""#) == 1)
        #expect(count("dead_letters_total", #"class="exhausted""#) == 0)
        #expect(count("retries_scheduled_total", #"tier="memory""#) == 1)
        #expect(running.metric("attempts_total") == 4)
        #expect(count("attempt_seconds_count", #"destination="orders""#) == 4)
        // The events carry no time: their records' own counts.
        #expect(running.metric("event_to_delivered_seconds_count", #"channel="webhook""#) == 2)
        try eventually({ running.metric("lag_records", #"topic="notifications.webhook""#) == 0 })
        #expect(running.metric("assigned_partitions", #"topic="notifications.webhook""#) == 2)
        #expect(running.seconds("oldest_undelivered_seconds") == 0)
        #expect(running.end() == .ok)
        #expect(running.metric("rebalances_total", #"group="webhook-consumer""#) == 2)
    }

    /// Only so many destinations have a sample of their own. The others share one, which alerts read as the worst.
    @Test func theSharedSampleOfManyDestinationsShowsTheOneThatIsDown() throws {
        let harness = try ConsumerHarness(partitions: 1) { id, _ in id.hasPrefix("down") ? 503 : 200 }
        let running = harness.start()
        for number in 0..<256 { try harness.notify("n\(number)", to: "e\(number)", key: "\(number)", isFlushed: false) }
        for number in 0..<10 { try harness.notify("down\(number)", to: "down", key: "d\(number)", isFlushed: false) }
        try harness.notify("last", to: "last", key: "last")
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 257 })
        try eventually({ running.seconds("circuit_open", #"destination="other""#) > 0 }, within: .seconds(5))
        #expect(running.metric("circuit_open", #"destination="e255""#) == 0)
        #expect(running.end() == .ok)
    }

    @Test func whatIsNotDeliveredGrowsOld() throws {
        let harness = try ConsumerHarness { id, _ in id == "hangs" ? nil : 200 }
        let running = harness.start()
        try harness.notify("hangs", key: "a")
        try eventually({ running.metric("in_flight") == 1 })
        let oldest = { running.seconds("oldest_undelivered_seconds") }
        let behind = { running.seconds("lag_seconds", #"topic="notifications.webhook""#) }
        try eventually({ oldest() > 1 && behind() > 1 })
        #expect(running.metric("lag_records", #"topic="notifications.webhook""#) == 1)
        #expect(running.end() == .ok)
    }
}
