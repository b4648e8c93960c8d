internal import CommandLineKit
internal import DeadLetters
internal import Kafka
internal import Lifecycle

/// Works off the letters of one queue up to the end that it had at the start: sends them back, or marks them as done.
///
/// As a member of a consumer group, so that two jobs on one queue share its partitions and never do a letter twice.
/// Letters go in batches: all of a batch are sent and acknowledged, then the group's offsets say so. Whoever dies in
/// between has lost nothing, and the next run repeats that batch at most. One thread.
final class LetterJob: RebalanceListener {
    /// What to do with a letter.
    enum Action {
        case send(to: String)
        /// It needs no one any more.
        case drop
        case leave(LeftReason)
        /// The command is not about it.
        case skip
    }

    struct Result {
        var done = 0
        var left: [LeftReason: Int] = [:]
        var targets: [String: Int] = [:]
        /// Why the first of the refused letters was refused.
        var refusal: String?
        /// Partitions that another job has.
        var others = 0
        /// Where the log may be cut: every letter below is done.
        var marks: [PartitionOffset] = []
        var isStopped = false
    }

    private let settings: KafkaSettings
    private let ends: [TopicPartition: Range<Int64>]
    private let topic: String
    private let batchSize: Int
    private var pace: Pace
    private let limit: Int
    private let stop: Latch
    private let decide: (ReceivedLetter) -> Action
    private let onProgress: (Int) -> Void

    private let consumer: Consumer
    private let producer: IdempotentProducer
    private var ledger = LetterLedger()
    private var isJoined = false
    private var batch: [(letter: ReceivedLetter, target: String?)] = []
    private var result = Result()

    /// - Parameters:
    ///   - spans: what the queue holds at the start.
    ///   - limit: letters to do at most.
    ///   - onProgress: called after each batch with the number of letters done so far.
    init(
        _ settings: KafkaSettings, topic: String, spans: [LogReader.Span], batchSize: Int, rate: Int?, limit: Int,
        stop: Latch, onProgress: @escaping (Int) -> Void, decide: @escaping (ReceivedLetter) -> Action
    ) throws(KafkaError) {
        self.settings = settings
        self.topic = topic
        ends = Dictionary(uniqueKeysWithValues: spans.map { ($0.partition, $0.start..<max($0.start, $0.end)) })
        // A batch lasts a second at most, so that a stop is soon and a kill repeats little.
        self.batchSize = min(batchSize, max(1, rate ?? batchSize))
        pace = Pace(perSecond: rate)
        self.limit = limit
        self.stop = stop
        self.onProgress = onProgress
        self.decide = decide
        var group = ConsumerSettings(kafka: settings, group: QueueReader.group(of: topic))
        // As short as brokers allow: the next run waits so long for one that was killed.
        group.sessionTimeout = .seconds(6)
        group.seesEnds = true
        consumer = try Consumer(group)
        var sending = ProducerSettings(kafka: settings)
        sending.deliveryTimeout = .seconds(60)
        producer = try IdempotentProducer(sending)
        consumer.listener = self
    }

    // MARK: - The loop

    /// Works until every letter up to the ends was looked at, the limit is reached, or a stop is asked for.
    func run() throws(CommandFault) -> Result {
        do throws(KafkaError) {
            try consumer.subscribe([topic])
            try join()
            while !isComplete, !stop.isOpen, result.done < limit {
                let room = min(batchSize, limit - result.done) - batch.count
                let count = try consumer.poll(timeout: .milliseconds(100), maximum: room) { take($0) }
                if batch.count >= min(batchSize, limit - result.done) || count == 0 || isComplete { try settle() }
            }
            // The join may have brought the last letters already.
            if isComplete, !stop.isOpen { try settle() }
            result.isStopped = stop.isOpen && !isComplete
            try commit()
        } catch {
            consumer.close(within: .seconds(5))
            throw .kafka(error, settings)
        }
        result.others = ends.count - ledger.partitions.count
        result.marks = ledger.partitions.map { PartitionOffset(topicPartition: $0, offset: ledger.mark(of: $0)) }
        consumer.close(within: .seconds(10))
        return result
    }

    /// Waits for partitions; a group takes a few seconds, and longer where a member was killed just before.
    private func join() throws(KafkaError) {
        let end = ContinuousClock.now + .seconds(45)
        while !isJoined, !stop.isOpen {
            guard ContinuousClock.now < end else {
                throw KafkaError(
                    code: "_TIMED_OUT", message: "group \(QueueReader.group(of: topic)) gives no partitions")
            }
            _ = try consumer.poll(timeout: .milliseconds(200), maximum: 1) { take($0) }
        }
    }

    /// Whether every partition we have was read to the end that it had at the start.
    private var isComplete: Bool {
        guard isJoined else { return false }
        let tails = Dictionary(uniqueKeysWithValues: consumer.tails.map { ($0.topicPartition, $0.offset) })
        return ledger.partitions.allSatisfy { partition in
            let reached = max(ledger.position(of: partition), tails[partition] ?? 0)
            return reached >= ends[partition]?.upperBound ?? 0
        }
    }

    private func take(_ record: borrowing BorrowedRecord) {
        let partition = TopicPartition(topic: topic, partition: record.partition)
        guard record.offset < ends[partition]?.upperBound ?? 0 else { return }
        let receipt = ledger.receive(partition, record.offset)
        guard receipt != .done else { return }
        let letter = ReceivedLetter(OwnedRecord(copying: record))
        switch decide(letter) {
        case .skip: break
        case .leave(let reason): result.left[reason, default: 0] += 1
        case .send where receipt == .outOfReach, .drop where receipt == .outOfReach:
            result.left[.outOfReach, default: 0] += 1
        case .send(let target): batch.append((letter, target))
        case .drop: batch.append((letter, nil))
        }
    }

    // MARK: - A batch

    /// Sends what was collected, waits until Kafka has all of it, and only then says so in the group's offsets.
    private func settle() throws(KafkaError) {
        guard !batch.isEmpty else { return }
        let letters = batch
        batch = []
        var isDone = [Bool](repeating: false, count: letters.count)
        let finish = { (report: IdempotentProducer.Report) in
            let index = Int(report.token)
            isDone[index] = report.error == nil
            if let error = report.error { self.refuse(error) }
        }
        var failure: KafkaError?
        for (index, entry) in letters.enumerated() {
            guard pace.wait(stop) else { break }
            guard let target = entry.target else {
                isDone[index] = true
                continue
            }
            do throws(KafkaError) {
                try send(entry.letter, to: target, token: UInt64(index))
            } catch {
                guard error.refusesRecord else {
                    failure = error
                    break
                }
                refuse(error)
            }
        }
        let isFlushed = try producer.flush(timeout: .seconds(70), finish)
        for (index, entry) in letters.enumerated() where isDone[index] {
            ledger.complete(entry.letter.record.topicPartition, entry.letter.record.offset)
            result.done += 1
            if let target = entry.target { result.targets[target, default: 0] += 1 }
        }
        try commit()
        onProgress(result.done)
        if let failure { throw failure }
        guard isFlushed else { throw KafkaError(code: "_TIMED_OUT", message: "Kafka did not acknowledge in time") }
    }

    private func refuse(_ error: KafkaError) {
        result.left[.refused, default: 0] += 1
        result.refusal = result.refusal ?? error.text
    }

    private func send(_ letter: ReceivedLetter, to target: String, token: UInt64) throws(KafkaError) {
        try producer.send(topic: target, letter.record.content.with(letter.redriveHeaders), token: token)
    }

    /// A rebalance may be under way: then the commit is tried again once it is over, or the partition's next owner
    /// repeats the batch.
    private func commit() throws(KafkaError) {
        let changes = ledger.changes
        guard !changes.isEmpty else { return }
        for attempt in 1...10 {
            do throws(KafkaError) {
                try consumer.commit(changes, synchronously: true)
                ledger.committed(changes)
                return
            } catch {
                guard Self.passing.contains(error.code), attempt < 10 else { throw error }
                stop.wait(timeout: .milliseconds(300))
                _ = try consumer.poll(timeout: .milliseconds(200), maximum: 1) { take($0) }
                guard !ledger.partitions.isEmpty else { return }
            }
        }
    }

    private static let passing: Set<String> = [
        "REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "COORDINATOR_NOT_AVAILABLE",
        "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", "_TIMED_OUT", "_TRANSPORT", "_WAIT_COORD",
    ]

    // MARK: - Rebalances

    func assigned(_ partitions: [PartitionOffset]) {
        isJoined = true
        ledger.begin(partitions)
        for place in partitions {
            if let bounds = ends[place.topicPartition] { ledger.matchLog(place.topicPartition, bounds) }
        }
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) {
        ledger.end(partitions)
        // Not sent yet: their next owner does it.
        batch.removeAll { partitions.contains($0.letter.record.topicPartition) }
    }
}

/// A steady rate: one thing at a time, never more than so many in a second.
struct Pace {
    private let interval: Duration
    private var next: ContinuousClock.Instant?

    init(perSecond: Int?) {
        interval = perSecond.map { .nanoseconds(1_000_000_000 / Int64(max(1, $0))) } ?? .zero
    }

    /// Waits for the next turn.
    /// - Returns: false when the stop came before it.
    mutating func wait(_ stop: Latch) -> Bool {
        guard !stop.isOpen else { return false }
        guard interval > .zero else { return true }
        let now = ContinuousClock.now
        let turn = max(next ?? now, now)
        next = turn + interval
        return turn <= now || !stop.wait(timeout: turn - now)
    }
}
