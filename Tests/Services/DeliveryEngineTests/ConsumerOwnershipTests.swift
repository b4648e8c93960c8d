import Delivery
import Kafka
import Lifecycle
import Testing
import Time

@testable import DeliveryEngine

/// Partitions that leave while something is in flight on them.
@Suite(.timeLimit(.minutes(2)))
struct ConsumerOwnershipTests {
    /// Another member gets a partition whose record is in flight. The first one's late answer commits nothing: when the
    /// new owner goes too, without having finished, the record is delivered to whoever comes next.
    @Test func aLateAnswerAfterARevocationCommitsNothing() throws {
        let harness = try ConsumerHarness { _, count in count < 3 ? nil : 200 }
        harness.settings.onAmbiguous = .retry
        harness.settings.revokeDrain = .milliseconds(100)
        let keys = try oneKeyOfEachPartition(harness)
        let first = harness.start()
        for (partition, key) in keys.enumerated() { try harness.notify("p\(partition)", to: "\(partition)", key: key) }
        try eventually({ harness.transfer.hanging.count == 2 })
        let second = harness.start()
        // The new owner's own attempt.
        try eventually({ harness.transfer.hanging.count == 3 })
        let moved = try #require(harness.transfer.hanging.last)
        let kept = moved == "p0" ? "p1" : "p0"
        // The answers to the first owner: one for what it lost, one for what it has again.
        harness.transfer.answerOldest(moved)
        harness.transfer.answerOldest(kept)
        try eventually({ first.metric("notifications_total", #"outcome="delivered""#) == 2 })
        try eventually({ first.metric("duplicates_skipped_total") == 1 })
        // The new owner is stopped before its attempt ends; the first goes before, so as not to get it back.
        #expect(first.end() == .ok)
        #expect(second.end() == .ok)
        let third = harness.start()
        try eventually({ harness.transfer.count(moved) == 3 })
        #expect(third.end() == .ok)
        #expect(harness.transfer.count(kept) == 1 && harness.transfer.attempts.count == 4)
    }

    /// The keys of the mock's first two records that lie in different partitions, in the order of these.
    private func oneKeyOfEachPartition(_ harness: ConsumerHarness) throws -> [String] {
        for number in 0..<16 { try harness.send([1], key: "\(number)", topic: harness.settings.retryTopic(1)) }
        let records = try harness.read([harness.settings.retryTopic(1)]) { $0.count >= 16 }
        return try (0..<2).map { partition in
            let key = try #require(records.first { $0.partition == partition }?.key)
            return String(decoding: key, as: UTF8.self)
        }
    }

    /// A loop that hangs for longer than `max.poll.interval.ms`: the watchdog notices, and when it goes on after all the
    /// partitions are lost. Nothing is committed for them; the member joins again and works.
    @Test func aHangingLoopLosesItsPartitionsAndCommitsNothingForThem() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.kafka.properties.append(("max.poll.interval.ms", "4000"))
        // No commit before the loss.
        harness.settings.commitInterval = .seconds(3_600)
        harness.settings.commitEvery = 1_000_000
        let (expired, awake) = (Latch(), Latch())
        let watchdog = Watchdog(name: "loop", limit: .seconds(2)) { expired.open() }
        defer { watchdog.stop() }
        let running = harness.start { parts in
            parts.beat = { watchdog.beat() }
            parts.channel = FakeChannel(onRequest: { id in
                if id == "hangs" { awake.wait(timeout: .seconds(5)) }
            })
        }
        // The loop stands still in a first join, too.
        try eventually({ running.metric("rebalances_total", #"kind="assigned""#) == 3 })
        for number in 0..<5 { try harness.notify("n\(number)", key: "\(number)") }
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 5 })
        #expect(!expired.isOpen)
        try harness.notify("hangs")
        #expect(expired.wait(timeout: .seconds(10)))
        try eventually({ (running.metric("rebalances_total", #"kind="lost""#) ?? 0) > 0 })
        // What was done is read again, and skipped from memory: nothing had been committed.
        try eventually({ running.metric("duplicates_skipped_total") == 6 })
        try harness.notify("after", key: "9")
        try eventually({ harness.transfer.count("after") == 1 })
        #expect(running.end() == .ok)
        #expect(harness.transfer.attempts.count == 7)
    }
}
