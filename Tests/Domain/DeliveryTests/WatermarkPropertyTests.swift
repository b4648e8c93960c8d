import Delivery
import TestKit
import Testing

/// The mark is exactly the first incomplete offset, never goes back, and a restart repeats only what was not done.
struct WatermarkPropertyTests {
    /// One partition's log, what of it was read in this assignment and what is done, kept the slow way.
    private struct Run {
        let log: [Int64]
        var watermark: Watermark
        var epoch = 1
        var base: Int64
        var unread: ArraySlice<Int64>
        var received: [Int64] = []
        /// Of these, what is not done, in order.
        var open: [Int64] = []
        var done: Set<Int64> = []
        var last: Int64

        init(_ random: inout SeededGenerator) {
            base = Int64(random.number(in: 0...1_000))
            var log: [Int64] = []
            var offset = base
            for _ in 0..<random.size(largest: 80) {
                // Compaction and transaction markers leave gaps.
                offset += random.chance(0.2) ? Int64(random.number(in: 2...9)) : 1
                log.append(offset)
            }
            self.log = log
            watermark = Watermark(epoch: 1, start: base)
            unread = log[...]
            last = base
        }

        var isOver: Bool { unread.isEmpty && open.isEmpty }

        mutating func step(_ random: inout SeededGenerator) -> String? {
            if random.chance(0.05) { return restart(&random) }
            if !unread.isEmpty, random.chance(0.5) { return read() }
            if let offset = random.pick(open) { return complete(offset) }
            return nil
        }

        private mutating func read() -> String? {
            guard let offset = unread.popFirst() else { return nil }
            received.append(offset)
            if !done.contains(offset) { open.append(offset) }
            let expected: Watermark.Receipt = done.contains(offset) ? .completedBefore : .new
            let receipt = watermark.receive(offset)
            if receipt != expected { return "offset \(offset) is \(receipt), not \(expected)" }
            return watermark.receive(offset) == .rewound ? nil : "offset \(offset) twice"
        }

        private mutating func complete(_ offset: Int64) -> String? {
            if watermark.complete(offset, epoch: epoch - 1) { return "completed by another epoch" }
            if watermark.complete(offset + 1_000_000, epoch: epoch) { return "completed what was never read" }
            if !watermark.complete(offset, epoch: epoch) { return "\(offset) not completed" }
            if watermark.complete(offset, epoch: epoch) { return "\(offset) completed twice" }
            done.insert(offset)
            open.removeAll { $0 == offset }
            return nil
        }

        /// A crash or a rebalance: what the commit says is all that is known. Sometimes there is little room to say it.
        private mutating func restart(_ random: inout SeededGenerator) -> String? {
            epoch += 1
            base = watermark.committable
            let limit = random.chance(0.3) ? random.number(in: 0...40) : CommitMetadata.maximumBytes
            let text = CommitMetadata.encode(watermark.completedAbove, base: base, limit: limit)
            if let text, text.utf8.count > limit { return "\(text.utf8.count) bytes, not \(limit)" }
            let kept = CommitMetadata.decode(text, base: base)
            let known = done.filter { $0 < base || kept.contains($0) }
            if limit == CommitMetadata.maximumBytes, known != done { return "forgot \(done.subtracting(known))" }
            if let lie = log.first(where: { kept.contains($0) && !done.contains($0) }) { return "invented \(lie)" }
            done = known
            watermark = Watermark(epoch: epoch, start: base, completed: kept)
            unread = log[...].drop { $0 < base }
            (received, open) = ([], [])
            return nil
        }

        mutating func check() -> String? {
            let expected = open.first ?? received.last.map { $0 + 1 } ?? base
            if watermark.committable != expected { return "mark \(watermark.committable), not \(expected)" }
            if watermark.committable < last { return "the mark went back" }
            last = watermark.committable
            if watermark.openCount != open.count { return "\(watermark.openCount) open, not \(open.count)" }
            if watermark.isIdle != open.isEmpty { return "idle" }
            return nil
        }
    }

    @Test func randomCompletionsAndRestarts() {
        forAll { random in
            var run = Run(&random)
            while !run.isOver {
                if let fault = run.step(&random) ?? run.check() { return fault }
            }
            // What follows the last record is a transaction's marker.
            let end = run.watermark.committable + Int64(random.number(in: 0...2))
            run.watermark.reachedIdle(end)
            run.watermark.reachedIdle(run.base)
            return run.watermark.committable == end ? nil : "does not end at \(end)"
        }
    }
}
