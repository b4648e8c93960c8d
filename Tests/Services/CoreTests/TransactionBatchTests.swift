import Core
import Testing

struct TransactionBatchTests {
    static let start = ContinuousClock.now

    static let due: [(records: Int, after: Duration, drained: Bool, expected: Bool)] = [
        (0, .seconds(9), true, false), (1, .zero, false, false), (1, .zero, true, true),
        (1, .milliseconds(99), false, false), (1, .milliseconds(100), false, true), (9, .zero, false, false),
        (10, .zero, false, true),
    ]

    @Test(arguments: due)
    func commitsWhenDrainedFullOrLate(_ row: (records: Int, after: Duration, drained: Bool, expected: Bool)) {
        var batch = TransactionBatch(limits(records: 10))
        for offset in 0..<row.records { batch.add(place(Int64(offset)), bytes: 1, now: Self.start) }
        #expect(batch.isDue(now: Self.start + row.after, drained: row.drained) == row.expected)
        #expect(batch.isOpen == (row.records > 0))
    }

    @Test func bytesFillATransaction() {
        var limits = TransactionBatch.Limits()
        limits.bytes = 100
        var batch = TransactionBatch(limits)
        batch.add(place(0), bytes: 60, now: Self.start)
        #expect(!batch.isFull)
        batch.add(place(1), bytes: 60, now: Self.start)
        #expect(batch.isFull)
    }

    /// A broker that refuses some records, and of some of them the dead letter, too: what it commits must be every
    /// record once and in the order of its partition, whatever the sizes of the transactions and other aborts.
    @Test(arguments: 0..<40)
    func everyRecordIsCommittedOnceAndRefusedOnesAreSetAside(_ seed: Int) {
        var random = SplitMix(state: UInt64(seed) &* 7919 &+ 1)
        let total = Int64(random.next() % 60) + 1
        var poison: [TransactionBatch.Place: TransactionBatch.Treatment] = [:]
        for _ in 0..<Int(random.next() % 4) {
            let treatments: [TransactionBatch.Treatment] = [.map, .deadLetter]
            let worst = treatments[Int(random.next() % 2)]
            poison[
                TransactionBatch.Place(
                    topic: 0, partition: Int32(random.next() % 3), offset: Int64(random.next()) % total)] = worst
        }
        var model = Model(batch: TransactionBatch(limits(records: Int(random.next() % 20) + 1)), total: total)
        var steps = 0
        while !model.isDone, steps < 20_000 {
            steps += 1
            model.step(poison: poison, random: &random)
        }
        #expect(model.isDone && model.isHopeless == false)
        for partition in Int32(0)..<3 {
            let log = model.log.filter { $0.place.partition == partition }
            #expect(log.map(\.place.offset) == Array(0..<total))
            for entry in log {
                let expected: TransactionBatch.Treatment =
                    switch poison[entry.place] {
                    case .map?: .deadLetter
                    case .deadLetter?: .truncatedDeadLetter
                    default: .map
                    }
                #expect(entry.treatment == expected)
            }
        }
    }

    @Test func aRecordThatIsRefusedAloneIsSetAsideAtOnce() {
        var batch = TransactionBatch(limits(records: 8))
        let names = (0..<6).map { batch.add(place($0), bytes: 1, now: Self.start) }
        #expect(batch.aborted(because: .refusal, refused: [names[4]]) == .again)
        #expect((0..<6).map { batch.treatment(of: place($0)) } == [.map, .map, .map, .map, .deadLetter, .map])
        // Nobody else waits for it.
        for offset in 0..<6 { batch.add(place(Int64(offset)), bytes: 1, now: Self.start) }
        #expect(!batch.isFull)
    }

    /// Each costs one abort, and what was read up to it is committed before the next one is met.
    @Test func recordsThatCannotBeSentAreLeftBehindOneByOne() {
        let oversized: Set<Int64> = [3, 4, 9, 17, 40]
        var batch = TransactionBatch(limits(records: 100))
        var (position, committed, aborts, reads) = (Int64(0), Int64(0), 0, 0)
        while committed < 50, reads < 1000 {
            let place = place(position)
            let treatment = batch.treatment(of: place)
            batch.add(place, bytes: 1, now: Self.start)
            reads += 1
            position += 1
            if oversized.contains(place.offset), treatment == .map {
                position = batch.rewind()[0].offset
                #expect(batch.aborted(because: .refusalOfLast) == .again)
                // Everything before the one that was met last is committed.
                #expect(position > (oversized.filter { $0 < place.offset }.max() ?? -1))
                aborts += 1
            } else if batch.isFull || position == 50 {
                committed = batch.offsets()[0].offset
                batch.committed()
            }
        }
        #expect(committed == 50 && aborts == oversized.count && reads <= 100)
    }

    @Test func aRecordThatIsRefusedInEveryFormIsHopeless() {
        var batch = TransactionBatch(limits(records: 8))
        var verdicts: [TransactionBatch.Verdict] = []
        for code in ["INVALID_RECORD", "MSG_SIZE_TOO_LARGE", "MSG_SIZE_TOO_LARGE", "MSG_SIZE_TOO_LARGE"] {
            batch.add(place(5), bytes: 1, now: Self.start)
            verdicts.append(batch.aborted(because: .refusal, code: code))
        }
        // Why the event was refused, not why its dead letter was.
        #expect(batch.refusal(of: place(5)) == "INVALID_RECORD" && batch.refusal(of: place(6)) == nil)
        #expect(verdicts == [.again, .again, .again, .hopeless(place(5))])
    }

    @Test func doesNotRewindWhatHasLeft() {
        var batch = TransactionBatch(limits(records: 8))
        for partition in Int32(0)..<3 {
            for offset in Int64(5)..<7 {
                let place = TransactionBatch.Place(topic: 1, partition: partition, offset: offset)
                batch.add(place, bytes: 1, now: Self.start)
            }
        }
        batch.forget(topic: 1, partition: 2)
        let places = batch.rewind().sorted { $0.partition < $1.partition }
        #expect(places.map(\.partition) == [0, 1] && places.map(\.offset) == [5, 5])
        #expect(batch.aborted(because: .other) == .again && !batch.isOpen && batch.rewind().isEmpty)
    }

    @Test func followsALogThatWasMadeAnew() {
        var batch = TransactionBatch(limits(records: 8))
        for _ in 0..<2 {
            batch.add(place(7), bytes: 1, now: Self.start)
            _ = batch.aborted(because: .refusalOfLast)
        }
        #expect(batch.treatment(of: place(7)) == .truncatedDeadLetter)
        batch.forgetSetAside(topic: 0, partition: 0)
        #expect(batch.treatment(of: place(7)) == .map)
        for offset in [8, 9, 2, 3] as [Int64] { batch.add(place(offset), bytes: 1, now: Self.start) }
        #expect(batch.rewind() == [place(2)] && batch.offsets() == [place(4)])
    }

    private func place(_ offset: Int64) -> TransactionBatch.Place {
        TransactionBatch.Place(topic: 0, partition: 0, offset: offset)
    }

    private func limits(records: Int) -> TransactionBatch.Limits {
        var limits = TransactionBatch.Limits()
        limits.records = records
        return limits
    }
}

/// Three partitions, a reader, and the ledger of what was committed.
private struct Model {
    var batch: TransactionBatch
    let total: Int64
    var position: [Int64] = [0, 0, 0]
    var committed: [Int64] = [0, 0, 0]
    var open: [(place: TransactionBatch.Place, treatment: TransactionBatch.Treatment)] = []
    var log: [(place: TransactionBatch.Place, treatment: TransactionBatch.Treatment)] = []
    var isHopeless = false

    var isDone: Bool { committed == [total, total, total] || isHopeless }

    mutating func step(
        poison: [TransactionBatch.Place: TransactionBatch.Treatment], random: inout SplitMix
    ) {
        let partition = Int(random.next() % 3)
        if position[partition] < total, !batch.isFull {
            let place = TransactionBatch.Place(topic: 0, partition: Int32(partition), offset: position[partition])
            open.append((place, batch.treatment(of: place)))
            batch.add(place, bytes: 1, now: TransactionBatchTests.start)
            position[partition] += 1
        }
        let drained = random.next() % 8 == 0
        guard batch.isDue(now: TransactionBatchTests.start, drained: drained) else { return }
        let refused = open.indices.filter { index in
            let entry = open[index]
            guard let worst = poison[entry.place] else { return false }
            return entry.treatment == .map || (entry.treatment == .deadLetter && worst == .deadLetter)
        }
        if !refused.isEmpty || random.next() % 5 == 0 {
            for place in batch.rewind() { position[Int(place.partition)] = place.offset }
            // The broker refuses batches, which can hold good records as well, and may not say which.
            let said = [Set(refused), Set((refused.first ?? 0)..<open.count), []][Int(random.next() % 3)]
            let verdict =
                refused.isEmpty
                ? batch.aborted(because: .other) : batch.aborted(because: .refusal, refused: said)
            if verdict != .again { isHopeless = true }
        } else {
            for place in batch.offsets() { committed[Int(place.partition)] = place.offset }
            log += open
            batch.committed()
        }
        open = []
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        // Small enough for Int.
        return (z ^ (z >> 31)) >> 2
    }
}
