import Delivery
import Kafka
import Lifecycle
import Synchronization
import Testing
import Time

@testable import DeliveryEngine

/// Retry topics: never early, in order, whatever the clock does and whoever is restarted.
@Suite(.timeLimit(.minutes(2)))
struct ConsumerRestTests {
    /// The wall clock with a step that a test makes. Safe to use from any thread.
    private final class SteppedClock: Sendable {
        private let step = Mutex(Duration.zero)

        func move(by duration: Duration) { step.withLock { $0 += duration } }
        @Sendable func now() -> UnixTime { UnixTime.now().adding(step.withLock { $0 }) }
    }

    /// Every record fails once and rests once.
    private func harness(rest: ChannelConsumerSettings.Tier) throws -> ConsumerHarness {
        let harness = try ConsumerHarness(partitions: 1, tiers: [rest]) { _, count in count == 1 ? 500 : 200 }
        harness.settings.statusTopic = nil
        harness.settings.retry.memoryRetries = 0
        return harness
    }

    /// The clock steps by an hour while records rest, some of them in memory and some in the topic.
    @Test(arguments: [Duration.hours(1), .hours(-1)])
    func aClockThatStepsMakesNothingDueEarly(step: Duration) throws {
        let records = 400
        let clock = SteppedClock()
        let harness = try harness(rest: .init(name: "3s", delay: .seconds(3)))
        let running = harness.start { $0.wallClock = clock.now }
        for number in 0..<records {
            try harness.notify("n\(number)", key: "\(number)", isFlushed: number == records - 1)
        }
        try eventually({ running.metric("retries_scheduled_total") == records })
        try #require(running.metric("retry_records_read_total") == 0)
        clock.move(by: step)
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == records })
        #expect(running.end() == .ok)
        try expectRests(harness, of: .seconds(3), records: records)
    }

    /// A backlog rests while the consumer is restarted: in order, not before it is due, the attempts counted on.
    @Test func aBacklogThatRestsOverARestartKeepsItsOrderAndItsAttempts() throws {
        let records = 10_000
        let harness = try harness(rest: .init(name: "5s", delay: .seconds(5)))
        for number in 0..<records {
            try harness.notify("n\(number)", key: "\(number)", isFlushed: number % 500 == 499)
        }
        let first = harness.start()
        try eventually({ first.metric("retries_scheduled_total") == records }, within: .seconds(60))
        #expect(first.end() == .ok)
        try #require(harness.transfer.attempts.count < 2 * records)
        let second = harness.start()
        try eventually({ harness.transfer.attempts.count >= 2 * records }, within: .seconds(60))
        #expect(second.end() == .ok)
        try expectRests(harness, of: .seconds(5), records: records)
        let parked = (first.metric("parked_total") ?? 0) + (second.metric("parked_total") ?? 0)
        let rested = try harness.read([harness.settings.retryTopic(0)]) { $0.count >= records + parked }
        let again = harness.transfer.attempts.filter { $0.number == 2 }.map { $0.id }
        #expect(again == rested.filter { $0.headers.text("x-retry-attempt") == "1" }.map(Self.id))
    }

    private static func id(_ record: OwnedRecord) -> String {
        String(
            decoding: record.value?.dropFirst(#"{"id":""#.utf8.count).prefix { $0 != UInt8(ascii: "\"") } ?? [],
            as: UTF8.self)
    }

    /// Every record was tried twice, the second time with its attempts counted and not before it had rested.
    private func expectRests(_ harness: ConsumerHarness, of rest: Duration, records: Int) throws {
        let attempts = harness.transfer.attempts
        var firsts: [String: ContinuousClock.Instant] = [:]
        var (early, again) = (0, 0)
        for attempt in attempts {
            if attempt.number == 1 {
                firsts[attempt.id] = attempt.at
            } else if attempt.number == 2, let first = firsts[attempt.id] {
                again += 1
                // Records carry whole milliseconds, rounded down.
                if attempt.at - first < rest - .milliseconds(1) { early += 1 }
            }
        }
        #expect(early == 0 && again == records && attempts.count == 2 * records)
    }
}
