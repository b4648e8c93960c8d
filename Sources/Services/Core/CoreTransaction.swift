internal import Kafka
internal import Lifecycle
internal import Telemetry

/// The transaction under way: the producer together with the ``TransactionBatch`` that knows what is in it.
///
/// Owner thread only.
final class CoreTransaction {
    let producer: TransactionalProducer
    private let inputs: [String]
    private let metrics: CoreMetrics
    private let state: CoreState
    /// After as many seconds every record is acknowledged or refused: librdkafka gives up on records when their
    /// transaction times out. A few more, since it looks only once in a second.
    private let settlingTurns: Int64
    private(set) var batch: TransactionBatch
    /// When the transaction was begun; nil between transactions.
    private var begunAt: ContinuousClock.Instant?

    init(_ settings: CoreSettings, producer: TransactionalProducer, metrics: CoreMetrics, state: CoreState) {
        self.producer = producer
        self.metrics = metrics
        self.state = state
        inputs = settings.inputs
        settlingTurns = settings.transactionTimeout.components.seconds + 3
        batch = TransactionBatch(settings.batch)
        producer.goesOnWaiting = {
            state.watchdog.beat()
            return state.drainEnd.map { ContinuousClock.now < $0 } ?? true
        }
    }

    // Asked for every record: the batch itself would be copied for the answer.
    func treatment(of place: TransactionBatch.Place) -> TransactionBatch.Treatment { batch.treatment(of: place) }
    func refusal(of place: TransactionBatch.Place) -> String? { batch.refusal(of: place) }

    /// Whether the transaction is to be committed although more records are there.
    var isDue: Bool { batch.isDue(now: .now, drained: false) }

    /// Counts a record in, and begins the transaction with the first one. Its outputs are sent after that, so that an
    /// abort rewinds to it whatever happens.
    func add(_ place: TransactionBatch.Place, bytes: Int) throws(KafkaError) {
        if begunAt == nil { try begin() }
        producer.tag = batch.add(place, bytes: bytes, now: .now)
        if batch.records % 1000 == 0 { producer.serve() }
    }

    /// Commits outputs and offsets together; does nothing without a record.
    ///
    /// - Throws: fatal when the outcome is not known: then only the broker's committed offsets can tell.
    func commit(of consumer: Consumer, deadline: Duration) throws(KafkaError) {
        guard batch.isOpen else { return }
        let start = ContinuousClock.now
        try commit(batch.offsets().map(offset(at:)), of: consumer, until: start + deadline)
        metrics.commitSeconds.observe(ContinuousClock.now - start)
        metrics.openRecords.observe(Double(batch.records))
        batch.committed()
    }

    /// Commits where idle partitions end beyond their last records, in a transaction without any output. Only between
    /// transactions.
    func commitTails(of consumer: Consumer, deadline: Duration) throws(KafkaError) {
        let tails = consumer.tails
        guard !tails.isEmpty, begunAt == nil else { return }
        try begin()
        try commit(tails, of: consumer, until: .now + deadline)
        consumer.pass(tails)
    }

    private func commit(
        _ offsets: [PartitionOffset], of consumer: Consumer, until end: ContinuousClock.Instant
    ) throws(KafkaError) {
        try checked { () throws(KafkaError) in
            try slices(until: end) { slice throws(KafkaError) in
                try producer.sendOffsets(offsets, of: consumer, timeout: slice)
            }
        }
        do throws(KafkaError) {
            try checked { () throws(KafkaError) in
                try slices(until: end) { slice throws(KafkaError) in try producer.commit(timeout: slice) }
            }
        } catch {
            guard error.isRetriable, !error.requiresAbort else { throw error }
            throw KafkaError(
                code: error.code, message: "whether the transaction is committed is not known: \(error.message)",
                isFatal: true)
        }
        ended(metrics.committed)
        state.progress.advance()
    }

    private func begin() throws(KafkaError) {
        try producer.begin()
        begunAt = .now
        state.progress.workWaits()
    }

    private func ended(_ ending: CoreMetrics.Ending) {
        ending.count.increment()
        if let begunAt { ending.duration.observe(.now - begunAt) }
        begunAt = nil
    }

    /// Aborts, and says where to go on reading.
    ///
    /// - Parameter reason: what went wrong.
    func abort(
        because cause: TransactionBatch.Cause, _ reason: KafkaError, deadline: Duration
    ) throws(KafkaError) -> Aborted {
        if begunAt != nil {
            let end = ContinuousClock.now + deadline
            // An abort that fails with "abort it" goes on, too.
            try slices(until: end, grace: .seconds(1), while: { $0.isRetriable || $0.requiresAbort }) {
                slice throws(KafkaError) in
                try producer.abort(timeout: slice)
            }
            ended(metrics.aborted)
        }
        // Whatever went wrong first: a refused record would be refused again.
        let isRefusal = reason.refusesRecord || !producer.refusedTags.isEmpty
        let cause = cause == .other && isRefusal ? .refusal : cause
        let places = batch.rewind().map(offset(at:))
        let records = batch.records
        return Aborted(
            cause: cause, rewind: places,
            verdict: batch.aborted(because: cause, refused: producer.refusedTags, code: reason.code), records: records)
    }

    /// Partitions that have left are not rewound; the transaction can only be aborted after this.
    func forget(_ partitions: [TopicPartition]) {
        for place in partitions {
            guard let topic = inputs.firstIndex(of: place.topic) else { continue }
            batch.forget(topic: topic, partition: place.partition)
        }
    }

    /// The partition's log was made anew: its offsets mean other records from now on.
    func rewound(_ place: TopicPartition) {
        guard let topic = inputs.firstIndex(of: place.topic) else { return }
        batch.forgetSetAside(topic: topic, partition: place.partition)
    }

    struct Aborted {
        /// What the producer knows now: a refusal may be reported only while the transaction is aborted.
        var cause: TransactionBatch.Cause
        var rewind: [PartitionOffset]
        var verdict: TransactionBatch.Verdict
        var records: Int
    }

    private func offset(at place: TransactionBatch.Place) -> PartitionOffset {
        PartitionOffset(
            topicPartition: TopicPartition(topic: inputs[place.topic], partition: place.partition),
            offset: place.offset)
    }

    /// Makes one call in slices of a second, so that a broker that is away for a minute does not look like a loop that
    /// hangs, and a stop in the meantime shortens the wait.
    ///
    /// - Parameters:
    ///   - grace: how long after the end of the drain the call may still go on.
    ///   - goesOn: whether to make the call again after such an error.
    private func slices(
        until deadline: ContinuousClock.Instant, grace: Duration = .zero,
        while goesOn: (KafkaError) -> Bool = { $0.isRetriable && !$0.requiresAbort },
        _ call: (Duration) throws(KafkaError) -> Void
    ) throws(KafkaError) {
        var turns: Int64 = 0
        while true {
            let end = state.drainEnd.map { min(deadline, $0 + grace) } ?? deadline
            do throws(KafkaError) {
                return try call(min(.seconds(1), max(.milliseconds(1), end - .now)))
            } catch {
                guard !error.isFatal, goesOn(error), ContinuousClock.now < end else { throw error }
                state.watchdog.beat()
                producer.serve()
                if error.code == "_TIMED_OUT" { turns += 1 }
                if turns > settlingTurns, producer.unsettled > 0 { throw Self.stuck }
            }
        }
    }

    /// librdkafka forgets a record whose topic is deleted while the record is on its way, and then waits for it for
    /// ever, when it commits and when it aborts. Only a new producer helps.
    private static let stuck = KafkaError(
        code: "_STUCK", message: "records are neither acknowledged nor refused; was an output topic deleted?",
        isFatal: true)

    /// An error of a transaction's call that carries no flag at all is fatal.
    private func checked(_ call: () throws(KafkaError) -> Void) throws(KafkaError) {
        do throws(KafkaError) {
            try call()
        } catch {
            guard !error.isFatal, !error.requiresAbort, !error.isRetriable else { throw error }
            throw KafkaError(code: error.code, message: error.message, isFatal: true)
        }
    }
}
