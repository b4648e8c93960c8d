internal import Events
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Telemetry

/// The core's one thread: poll, map, send, commit.
///
/// Every input record is part of exactly one committed transaction, together with everything that became of it. When
/// anything goes wrong in between, the transaction is aborted and its records are read again.
final class CoreLoop {
    private static let idleWait = Duration.milliseconds(100)
    /// While the coordinator still writes the markers of a transaction, the next one is put off by 20 ms and more. So a
    /// quiet core waits a little before it begins another: records come out sooner, and the broker has less to do.
    private static let settling = Duration.milliseconds(15)
    /// After as long without a record the ends of other people's transactions are committed, too.
    private static let quiet = Duration.seconds(1)

    private static let commitDeadline = Duration.seconds(240)
    /// An abort can be repeated for as long as the broker is away.
    private static let abortDeadline = Duration.seconds(31_536_000)
    /// A turn that takes longer keeps the group waiting.
    private static let longestTurn = Duration.seconds(2)

    private let settings: CoreSettings
    private let consumer: Consumer
    private let transaction: CoreTransaction
    private let mapping: Mapping
    private let state: CoreState
    private let upkeep: Upkeep
    private let log = Log()
    /// What went wrong in this turn, also inside of a rebalance; the turn ends with recovering from it.
    private var failure: (error: KafkaError, cause: TransactionBatch.Cause)?
    private var quietSince = ContinuousClock.now
    private var turnBegan = ContinuousClock.now
    private var consecutiveFailures = 0
    /// Why the transaction before was aborted; nil when it was committed.
    private var lastCause: TransactionBatch.Cause?
    /// The last commit did not succeed while the process was to stop.
    private var hasGivenUp = false

    init(
        _ settings: CoreSettings, consumer: Consumer, transaction: CoreTransaction, mapping: Mapping,
        state: CoreState, upkeep: Upkeep
    ) {
        self.settings = settings
        self.consumer = consumer
        self.transaction = transaction
        self.mapping = mapping
        self.state = state
        self.upkeep = upkeep
        consumer.listener = self
    }

    /// Goes round until it is told to stop, then commits what is finished and leaves the group.
    func run() throws(CoreFailure) {
        while !state.stop.isOpen {
            state.watchdog.beat()
            upkeep.run(betweenTransactions: !transaction.batch.isOpen)
            try turn()
        }
        try drain()
    }

    private func turn() throws(CoreFailure) {
        turnBegan = .now
        do throws(KafkaError) {
            let taken = try consumer.pollBatch(timeout: transaction.batch.isOpen ? .zero : Self.idleWait, take)
            if failure == nil { try finish(taken) }
        } catch {
            failure = failure ?? (error, .other)
        }
        if let failure { try recover(from: failure.error, cause: failure.cause) }
    }

    private func finish(_ taken: Int) throws(KafkaError) {
        let now = ContinuousClock.now
        if taken > 0 { quietSince = now }
        // Under load the next transaction is begun before the turn ends: a reload would wait for the end of the backlog.
        let isInTheWay = transaction.batch.isOpen && upkeep.waitsForCommit
        if isInTheWay || transaction.batch.isDue(now: now, drained: taken == 0) {
            try commit()
            // Not under load, when more is waiting already.
            if taken == 0 { state.stop.wait(timeout: Self.settling) }
        } else if !transaction.batch.isOpen, now - quietSince >= Self.quiet {
            quietSince = now
            try transaction.commitTails(of: consumer, deadline: Self.commitDeadline)
        }
    }

    private func take(_ record: borrowing BorrowedRecord) -> Consumer.Next {
        guard failure == nil else { return .stop }
        let place = TransactionBatch.Place(topic: record.topic, partition: record.partition, offset: record.offset)
        do throws(KafkaError) {
            let treatment = transaction.treatment(of: place)
            try transaction.add(place, bytes: record.value?.count ?? 0)
            try mapping.process(record, treatment, refusal: transaction.refusal(of: place))
        } catch {
            // The producer itself refuses what no broker would take.
            failure = (error, error.refusesRecord ? .refusalOfLast : .other)
            return .stop
        }
        // Few records may become many notifications: asked behind each.
        guard transaction.isDue else { return .goOn }
        do throws(KafkaError) {
            try commit()
            return .now - turnBegan < Self.longestTurn ? .goOn : .stopBehind
        } catch {
            failure = (error, .other)
            return .stop
        }
    }

    private func commit(deadline: Duration = CoreLoop.commitDeadline) throws(KafkaError) {
        mapping.tracing.commits(transaction.batch.records)
        try transaction.commit(of: consumer, deadline: deadline)
        mapping.settle(committed: true)
        consecutiveFailures = 0
        lastCause = nil
    }

    // MARK: - When something went wrong

    /// Decides on the error's flags: fatal ends the process, everything else aborts and reads again.
    private func recover(from error: KafkaError, cause: TransactionBatch.Cause) throws(CoreFailure) {
        failure = nil
        if let fatal = error.isFatal ? error : transaction.producer.fatalError { return try giveUp(fatal) }
        // The reports say which record was refused; what came back here may only be that the transaction is broken.
        transaction.producer.serve()
        let reason = cause == .refusalOfLast ? error : transaction.producer.deliveryFailure ?? error
        mapping.settle(committed: false)
        let aborted: CoreTransaction.Aborted
        do throws(KafkaError) {
            aborted = try transaction.abort(because: cause, reason, deadline: Self.abortDeadline)
            try consumer.seek(aborted.rewind)
        } catch {
            return try giveUp(error)
        }
        log.warning(
            "transaction_aborted", "A transaction was aborted; its records are read again.",
            [LogField("code", reason.code), LogField("reason", reason.message), LogField("records", aborted.records)])
        if case .hopeless(let place) = aborted.verdict { throw .hopeless(place, reason, settings) }
        // A refused batch leaves a gap in its partition's sequence, which costs the next transaction as well.
        let isEcho = lastCause == .refusal
        lastCause = aborted.cause
        guard aborted.cause == .other, !isEcho else { return }
        consecutiveFailures += 1
        state.stop.wait(timeout: .milliseconds(100) * (1 << min(consecutiveFailures - 1, 4)))
        try? transaction.producer.refreshTopics(timeout: .seconds(1))
    }

    /// Takes the drain's time-out, and at most 13 s more where Kafka does not answer, then the process leaves: see
    /// ``TransactionalProducer/sendOffsets(_:of:timeout:)``.
    private func drain() throws(CoreFailure) {
        let end = state.drainEnd ?? .now + settings.drainTimeout
        do throws(KafkaError) {
            if !hasGivenUp { try commit(deadline: settings.drainTimeout) }
        } catch {
            try giveUp(error)
            if !error.isFatal { _ = try? transaction.abort(because: .other, error, deadline: .seconds(1)) }
        }
        if !consumer.close(within: max(.seconds(2), min(.seconds(5), end - .now))) {
            log.warning("close_timeout", "The group did not let go in time; leaving without.")
        }
    }

    /// Nothing more can be committed. That ends the process with a fault, unless it is to stop and Kafka only did not
    /// answer in time: what is not committed is read again by the next owner.
    private func giveUp(_ error: KafkaError) throws(CoreFailure) {
        guard state.stop.isOpen, !error.isFatal || error.code == "_TIMED_OUT" else { throw .fatal(error, settings) }
        hasGivenUp = true
        Self.warnOfUncommitted(error.text)
    }

    /// Says that the process leaves without its last commit.
    static func warnOfUncommitted(_ reason: String) {
        Log().warning(
            "drain_timeout", "The last commit did not succeed before the stop: what is not committed is read again.",
            [LogField("reason", reason)])
    }
}

// MARK: - Rebalance

extension CoreLoop: RebalanceListener {
    func assigned(_ partitions: [PartitionOffset]) {
        state.hasJoined()
        mapping.metrics.assigned(partitions.map(\.topicPartition))
        log.info(
            "partitions_assigned", "Partitions were assigned.",
            [LogField("partitions", Self.text(partitions.map(\.topicPartition)))])
    }

    func revoked(_ partitions: [TopicPartition], lost: Bool) {
        log.info(
            "partitions_revoked", "Partitions were taken away.",
            [LogField("partitions", Self.text(partitions)), LogField("lost", lost)])
        mapping.metrics.revoked(partitions, lost: lost)
        if lost { state.joins() }
        guard transaction.batch.isOpen else { return }
        if lost {
            // Another member may own them already: its offsets count, not ours.
            let error = KafkaError(code: "_ASSIGNMENT_LOST", message: "the group took the partitions away")
            failure = failure ?? (error, .other)
        } else if failure == nil {
            do throws(KafkaError) {
                // The others wait for us little longer than a session.
                try commit(deadline: settings.sessionTimeout)
            } catch {
                failure = (error, .other)
            }
        }
        // They may come back in this very poll, with offsets of another owner.
        if failure != nil { transaction.forget(partitions) }
    }

    func rewound(_ partition: TopicPartition, to offset: Int64) {
        transaction.rewound(partition)
        mapping.metrics.rewinds.increment()
        log.warning(
            "offset_rewound", "The log was truncated or made anew; reading goes on from its start.",
            [
                LogField("topic", partition.topic), LogField("partition", partition.partition),
                LogField("offset", offset),
            ])
    }

    func skipped(_ partition: TopicPartition, from: Int64, to offset: Int64) {
        mapping.metrics.skipped()
        log.error(
            "offset_reset", "Records were deleted before they were read: reading goes on behind them.",
            [
                LogField("topic", partition.topic), LogField("partition", partition.partition),
                LogField("from", from), LogField("offset", offset),
            ])
    }

    private static func text(_ partitions: [TopicPartition]) -> String {
        partitions.map { "\($0.topic)-\($0.partition)" }.sorted().joined(separator: " ")
    }
}
