import Delivery
import Testing

struct WatermarkTests {
    /// What a partition's log looks like and what of it is done, kept the slow way.
    private struct Model {
        var start: Int64
        var received: [Int64] = []
        var done: Set<Int64> = []

        /// The lowest received offset that is not done, else one past the last.
        var committable: Int64 {
            received.first { !done.contains($0) } ?? received.last.map { $0 + 1 } ?? start
        }
    }

    /// The mark is exactly the first incomplete offset, never goes back, and a restart repeats only what was not done.
    @Test func randomCompletionsAndRestarts() {
        for seed in 0..<1_500 {
            if let fault = Self.run(seed: seed) {
                Issue.record("seed \(seed): \(fault)")
                return
            }
        }
    }

    private static func run(seed: Int) -> String? {
        var random = SeededGenerator(seed: seed)
        var log: [Int64] = []
        var offset = Int64.random(in: 0...1_000, using: &random)
        var model = Model(start: offset)
        for _ in 0..<Int.random(in: 1...60, using: &random) {
            // Compaction and transaction markers leave gaps.
            offset += random.chance(0.2) ? Int64.random(in: 2...9, using: &random) : 1
            log.append(offset)
        }
        var watermark = Watermark(epoch: 1, start: model.start)
        var epoch = 1
        var unread = log[...]
        var last = model.start
        while !unread.isEmpty || model.done.count < model.received.count {
            if random.chance(0.03) {
                // A crash: what the commit says is all that is known.
                epoch += 1
                let base = watermark.committable
                let metadata = CommitMetadata.encode(watermark.completedAbove, base: base)
                watermark = Watermark(
                    epoch: epoch, start: base, completed: CommitMetadata.decode(metadata, base: base))
                unread = log.drop { $0 < base }
                model = Model(start: base, received: [], done: model.done.filter { $0 >= base })
            } else if let next = unread.first, random.chance(0.5) {
                unread.removeFirst()
                let receipt = watermark.receive(next)
                let isDone = model.done.contains(next)
                model.received.append(next)
                if receipt != (isDone ? .completedBefore : .new) { return "offset \(next): \(receipt), done \(isDone)" }
            } else if let next = model.received.filter({ !model.done.contains($0) }).randomElement(using: &random) {
                if watermark.complete(next, epoch: epoch - 1) { return "completed by another epoch" }
                if !watermark.complete(next, epoch: epoch) { return "not completed" }
                if watermark.complete(next, epoch: epoch) { return "completed twice" }
                model.done.insert(next)
            }
            if !model.received.isEmpty, watermark.committable != model.committable {
                return "mark \(watermark.committable), not \(model.committable)"
            }
            if watermark.committable < last { return "the mark went back" }
            last = watermark.committable
            if watermark.openCount != model.received.count(where: { !model.done.contains($0) }) { return "open count" }
        }
        return watermark.isIdle ? nil : "not idle at the end"
    }

    /// Whatever stands at an offset again may be another record: none is passed over.
    @Test func rewoundOffsetsChangeNothing() {
        var watermark = Watermark(epoch: 1, start: 10)
        var receipts = [9, 10, 11, 11].map { watermark.receive($0) }
        #expect(receipts == [.rewound, .new, .new, .rewound])
        watermark.complete(10, epoch: 1)
        receipts = [watermark.receive(10)]
        #expect(receipts == [.rewound])
        #expect(watermark.committable == 11 && watermark.openCount == 1 && watermark.span == 1)
    }

    /// A transaction's marker after the last record is an offset without a record: lag 0 only when nothing is open.
    @Test func idlePositionMovesPastMarkers() {
        var watermark = Watermark(epoch: 1, start: 0)
        _ = watermark.receive(0)
        watermark.reachedIdle(2)
        #expect(watermark.committable == 0)
        watermark.complete(0, epoch: 1)
        watermark.reachedIdle(2)
        #expect(watermark.committable == 2)
        watermark.reachedIdle(1)
        let receipt = watermark.receive(2)
        #expect(watermark.committable == 2 && receipt == .new)
    }

    /// What was restored and has not been read again yet stays in the metadata of later commits.
    @Test func restoredOffsetsSurviveASecondCrash() {
        var completed = CompletedOffsets()
        completed.append(5..<8)
        var watermark = Watermark(epoch: 1, start: 0, completed: completed)
        _ = watermark.receive(0)
        watermark.complete(0, epoch: 1)
        #expect(watermark.completedAbove.ranges == [5..<8])
    }
}
