import Delivery
import Kafka
import Lifecycle
import TestKit
import Testing
import Time

@testable import DeliveryEngine

/// Many records, little room, answers in any order.
@Suite(.timeLimit(.minutes(2)))
struct ConsumerStormTests {
    /// A span that is full again and again pauses and resumes the partitions all the time.
    @Test func aStormOfPausesDispatchesEveryRecordOnce() throws {
        let records = 6_000
        let harness = try ConsumerHarness { _, _ in nil }
        harness.settings.statusTopic = nil
        harness.settings.maxSpan = 64
        harness.settings.maxBuffered = 96
        // Room for all in the memory of delivered ids would hide what is read twice.
        harness.settings.deliveredIDs = 0
        for number in 0..<records {
            try harness.notify(
                "n\(number)", to: "endpoint\(number % 7)", key: "\(number % 500)", isFlushed: number % 200 == 199)
        }
        let running = harness.start()
        var generator = SeededGenerator(seed: 11)
        var widest = 0
        try eventually(
            { harness.transfer.attempts.count >= records && harness.transfer.hanging.isEmpty }, within: .seconds(60)
        ) {
            widest = max(widest, harness.transfer.hanging.count)
            let share = Double.random(in: 0.1...1, using: &generator)
            harness.transfer.answer { _ in generator.chance(share) }
        }
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == records })
        #expect(running.end() == .ok)
        #expect(harness.transfer.counts.count == records && harness.transfer.attempts.count == records)
        #expect(widest <= harness.settings.maxInFlight)
        // Within a lane in order: what has the same endpoint and key has ascending numbers.
        var last: [String: Int] = [:]
        let numbers = harness.transfer.attempts.compactMap { Int($0.id.dropFirst()) }
        let disorders = numbers.count { number in
            let lane = "\(number % 7) \(number % 500)"
            defer { last[lane] = number }
            return last[lane].map { $0 > number } ?? false
        }
        #expect(disorders == 0)
    }

    /// One recipient fails for ever. It goes round through the tiers while the others, of its endpoint too, are delivered
    /// behind it, and the committed offset passes it: a restart reads none of them again.
    @Test func oneRecipientOfTenThousandThatFailsForEverHoldsNobodyUp() throws {
        let records = 10_000
        let harness = try ConsumerHarness { id, count in id == "never" ? (count == 5 ? nil : 500) : 200 }
        harness.settings.onAmbiguous = .retry
        harness.settings.retry.maxRetries = 6
        harness.settings.statusTopic = nil
        harness.settings.maxSpan = 2_048
        let first = harness.start()
        try harness.notify("never", to: "broken", key: "never")
        for number in 1..<records {
            try harness.notify(
                "n\(number)", to: number % 10 == 0 ? "broken" : "orders", key: "\(number % 100)",
                isFlushed: number % 500 == 499)
        }
        // Its fifth attempt, out of a retry topic, hangs until all the others are done.
        let delivered = #"outcome="delivered""#
        try eventually({ first.metric("notifications_total", delivered) == records - 1 }, within: .seconds(60))
        try eventually({ harness.transfer.hanging == ["never"] })
        #expect(first.end() == .ok)
        let second = harness.start()
        try harness.notify("last", key: "0")
        let letters = try harness.read([harness.settings.deadLetterTopic]) { !$0.isEmpty }
        try eventually({ second.metric("notifications_total", delivered) == 1 })
        #expect(second.end() == .ok)
        #expect(second.metric("records_read_total") == 1)
        #expect(letters.map { $0.headers.text("x-dlq-error-class") } == ["exhausted"])
        #expect(letters.map { $0.headers.text("x-retry-attempt") } == ["7"])
        #expect(second.metric("dead_letters_total") == 1 && first.metric("dead_letters_total") == 0)
        // The one that hung was given up with the first consumer, and counts for nothing.
        #expect(harness.transfer.count("never") == 8 && harness.transfer.attempts.count == records + 8)
    }
}
