import Delivery
import Kafka
import Lifecycle
import Telemetry
import Testing
import Time
import Transfer

@testable import DeliveryEngine

/// What must not come twice, where an answer comes too late for whoever waits for it.
@Suite(.timeLimit(.minutes(2)))
struct ConsumerInDoubtTests {
    struct Leave: Sendable {
        let policy: ChannelConsumerSettings.AmbiguousPolicy
        let isLost: Bool
        /// How often the record is sent in all.
        let attempts: Int
    }

    /// A record is in flight when its partition leaves, for longer than a rebalance waits. Unless the partition is lost,
    /// the next owner does not send again what may not come twice, and the late answer changes nothing.
    @Test(arguments: [
        Leave(policy: .dlq, isLost: false, attempts: 1), Leave(policy: .dlq, isLost: true, attempts: 2),
        Leave(policy: .retry, isLost: false, attempts: 2),
    ])
    func whatIsInFlightAtARevocation(leave: Leave) throws {
        let harness = try ConsumerHarness { id, count in id == "slow" && count == 1 ? nil : 200 }
        harness.settings.onAmbiguous = leave.policy
        harness.settings.revokeDrain = .milliseconds(100)
        try harness.notify("slow", to: "1", key: "same")
        // The mock refuses commits during a rebalance, other than a broker does: the group's part is played here.
        let engine = try engine(harness)
        let feed = engine.feeds[0]
        try eventually({ harness.transfer.hanging == ["slow"] }) { try engine.turn() }
        feed.revoked(feed.partitions.keys, lost: leave.isLost)
        harness.transfer.answer()
        try engine.turn()
        engine.drain()
        #expect(engine.lanes.inFlight == 0 && engine.buffered == 0)

        let next = harness.start()
        try harness.notify("last", to: "1", key: "same")
        try eventually({ harness.transfer.count("last") == 1 && harness.transfer.count("slow") >= leave.attempts })
        #expect(next.end() == .ok)
        #expect(harness.transfer.counts == ["slow": leave.attempts, "last": 1])
        try expectInDoubt(leave.attempts == 1 ? ["slow"] : [], harness)
    }

    /// A stop waits for no longer when a rebalance comes meanwhile.
    @Test func whatIsInFlightAtARevocationDuringADrain() throws {
        let harness = try ConsumerHarness { _, _ in nil }
        harness.settings.onAmbiguous = .dlq
        try harness.notify("slow", to: "1", key: "1")
        let engine = try engine(harness)
        let feed = engine.feeds[0]
        try eventually({ harness.transfer.hanging == ["slow"] }) { try engine.turn() }
        let start = MonotonicTime.now
        engine.drainsUntil = start
        feed.revoked(feed.partitions.keys, lost: false)
        #expect(MonotonicTime.now - start < .seconds(3))
        #expect(engine.lanes.inFlight == 0 && engine.buffered == 0)
        engine.drain()
    }

    /// The same at a stop that could not wait for long enough. What had not left yet comes again.
    @Test func whatIsInFlightAtTheEndOfADrain() throws {
        let harness = try ConsumerHarness { id, count in id == "last" || count > 1 ? 200 : nil }
        let first = harness.start()
        try harness.notify("sent", to: "1", key: "1")
        try harness.notify("unsent", to: "2", key: "2")
        try eventually({ harness.transfer.hanging.count == 2 })
        #expect(first.end() == .ok)
        let second = harness.start()
        try harness.notify("last", to: "1", key: "1")
        try eventually({ harness.transfer.count("last") == 1 && harness.transfer.count("unsent") == 2 })
        #expect(second.end() == .ok)
        #expect(harness.transfer.counts == ["sent": 1, "unsent": 2, "last": 1])
        try expectInDoubt(["sent"], harness)
    }

    /// A transfer thread that does not say in time what has left: all of it may have.
    @Test func whatNobodyHearsOfAtTheEndOfADrain() throws {
        let harness = try ConsumerHarness { id, count in id == "last" || count > 1 ? 200 : nil }
        let first = harness.start { [transfer = harness.transfer] parts in
            parts.makeTransfer = { onCompletion in DeafLine(ScriptedLine(transfer, onCompletion)) }
        }
        try harness.notify("unsent", to: "1", key: "1")
        try eventually({ harness.transfer.hanging.count == 1 })
        #expect(first.end() == .ok)
        let second = harness.start()
        try harness.notify("last", to: "1", key: "1")
        try eventually({ harness.transfer.count("last") == 1 })
        #expect(second.end() == .ok)
        #expect(harness.transfer.counts == ["unsent": 1, "last": 1])
        try expectInDoubt(["unsent"], harness)
    }

    /// Gives nothing up.
    private final class DeafLine: Transferring {
        private let line: ScriptedLine

        init(_ line: ScriptedLine) { self.line = line }

        func submit(_ jobs: [TransferJob]) { line.submit(jobs) }
        func cancelAll() {}
        func stop() {}
    }

    /// An engine with the main topic alone, on the thread of the test.
    private func engine(_ harness: ConsumerHarness) throws -> Engine {
        let settings = harness.settings
        let completions = Mailbox<TransferCompletion>()
        let metrics = EngineMetrics(
            MetricsRegistry(), channel: settings.channel, groups: [settings.group], topics: [settings.topic],
            tiers: settings.tiers.map(\.name))
        let health = EngineHealth(stop: Latch(), stallLimit: .seconds(180)) { true }
        let engine = Engine(
            settings: settings, channel: FakeChannel(),
            transfer: ScriptedLine(harness.transfer) { completions.put($0) }, completions: completions,
            producer: try IdempotentProducer(ProducerSettings(kafka: settings.kafka)),
            reporter: EngineReporter(metrics: metrics, health: health))
        engine.feeds = [
            try Feed(
                index: 0, topic: settings.topic, delay: nil,
                settings: ConsumerSettings(kafka: settings.kafka, group: settings.group), maxSpan: settings.maxSpan,
                owner: engine)
        ]
        try engine.feeds[0].subscribe()
        return engine
    }

    /// These ended as dead letters and with a status that say so, each once, and nothing else did.
    private func expectInDoubt(_ ids: [String], _ harness: ConsumerHarness) throws {
        let statusTopic = try #require(harness.settings.statusTopic)
        let isLetter = { (record: OwnedRecord) in record.topic == harness.settings.deadLetterTopic }
        let isAmbiguous = { (record: OwnedRecord) in Self.text(record).contains(#""status":"ambiguous""#) }
        let said = try harness.read([harness.settings.deadLetterTopic, statusTopic]) { records in
            records.contains { Self.text($0).contains(#""id":"last""#) }
                && records.count(where: isLetter) >= ids.count && records.count(where: isAmbiguous) >= ids.count
        }
        let letters = said.filter(isLetter)
        #expect(letters.count == ids.count)
        #expect(letters.allSatisfy { $0.headers.text("x-dlq-error-class") == "in_doubt" })
        #expect(letters.allSatisfy { $0.headers.text("x-retry-attempt") == "1" })
        let ambiguous = said.filter(isAmbiguous).map(Self.text)
        #expect(ambiguous.count == ids.count)
        #expect(ids.allSatisfy { id in ambiguous.contains { $0.contains(#""id":"\#(id)""#) } })
    }

    private static func text(_ record: OwnedRecord) -> String { String(decoding: record.value ?? [], as: UTF8.self) }
}
