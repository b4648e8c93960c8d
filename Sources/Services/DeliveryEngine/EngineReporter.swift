internal import DeadLetters
internal import Delivery
internal import Kafka
internal import KafkaOperations
internal import Lifecycle
internal import Notifications
internal import Telemetry
internal import Time
internal import Transfer

/// Turns what happens in the engine into metrics, log lines and health. Nothing of recipients or content gets in.
final class EngineReporter {
    let metrics: EngineMetrics
    let health: EngineHealth
    private let log: Log
    /// Everything that brought a record further; only whether it changes counts.
    private var steps = 0
    private var measuredSteps = 0
    private var longestTimeout: Duration = .zero
    private var measuredRebuilds = 0
    private var lackedDescriptorAt: MonotonicTime?
    /// Destinations of which the log has said that they are down.
    private var openCircuits: Set<String> = []

    init(metrics: EngineMetrics, health: EngineHealth, log: Log = Log()) {
        self.metrics = metrics
        self.health = health
        self.log = log
    }

    // MARK: - Records

    func received(feed: Int) {
        steps += 1
        (feed == 0 ? metrics.recordsRead : metrics.recordsRetried).increment()
    }

    func duplicateSkipped() { metrics.duplicatesSkipped.increment() }
    func parked() { metrics.parked.increment() }

    func floodHeld() {
        metrics.floodHeld.increment()
        log.warning("flood_guard_holds", "Exhausted records come too fast; they rest instead of becoming dead letters.")
    }

    func started(_ request: TransferRequest) {
        guard request.timeout > longestTimeout else { return }
        longestTimeout = request.timeout
        health.allow(request.timeout)
    }

    func attempted(_ work: Work, _ outcome: Outcome, _ duration: Duration) {
        steps += 1
        let destination = work.destination?.name ?? ""
        metrics.attemptSeconds[destination].observe(duration)
        let (word, code) = Self.label(outcome)
        metrics.attempts[destination, word, code].increment()
    }

    /// An attempt that got no connection: no progress, so that a process which gets none any more is no longer live.
    func lacksDescriptor(_ work: Work, _ failure: TransferFailure, _ now: MonotonicTime) {
        lackedDescriptorAt = now
        metrics.attempts[work.destination?.name ?? "", "retry", failure.code].increment()
        log.error(
            "descriptors_short", "No descriptor is left: what needs a new connection waits.",
            [LogField("limit", DescriptorLimit.current), LogField("reason", failure.message)])
    }

    /// A record's end without a delivery, other than by moving to a retry topic.
    func ended(_ outcome: String, class: String) {
        steps += 1
        metrics.notifications[outcome, `class`].increment()
    }

    func delivered(_ work: Work, _ receipt: Receipt, _ now: UnixTime) {
        metrics.notifications[receipt.status.rawValue, "none"].increment()
        let time = work.notification?.event.time ?? UnixTime(milliseconds: work.originTimestamp)
        if time.milliseconds >= 0 { metrics.eventToDelivered.observe(max(.zero, now - time)) }
    }

    func retriedInMemory() { metrics.memoryRetries.increment() }

    func forwarded(tier: Int) {
        steps += 1
        metrics.tierRetries[tier].increment()
    }

    func deadLettered(_ reason: DeadLetter.Reason) {
        metrics.deadLetters[reason.class.rawValue].increment()
    }

    static func label(_ outcome: Outcome) -> (word: String, code: String) {
        switch outcome {
        case .delivered(let receipt): (receipt.status.rawValue, receipt.code)
        case .retry(let failure, _): ("retry", failure.code)
        case .rejected(let failure, _): ("rejected", failure.code)
        case .closeEndpoint(let failure): ("closed", failure.code)
        case .stopChannel(let failure): ("stopped", failure.code)
        case .ambiguous(let failure, _): ("ambiguous", failure.code)
        case .suppressed(let failure): ("suppressed", failure.code)
        }
    }

    // MARK: - Kafka

    func noted(_ note: FeedNote, topic: String, group: String) {
        let field = LogField("topic", topic)
        switch note {
        case .assigned(let count):
            metrics.group.noted(.assigned, group: group)
            log.info("partitions_assigned", "Partitions were assigned.", [field, LogField("partitions", count)])
        case .revoked(let count, let lost):
            metrics.group.noted(lost ? .lost : .revoked, group: group)
            let fields = [field, LogField("partitions", count), LogField("lost", lost)]
            log.info("partitions_revoked", "Partitions were taken away.", fields)
        case .skippedCompleted: metrics.completedSkipped.increment()
        case .rewound(let partition, let offset):
            metrics.rewinds.increment()
            log.error(
                "offset_rewound", "The log was truncated or made anew; reading goes on from its start.",
                [field, LogField("partition", partition.partition), LogField("offset", offset)])
        case .unplaced(let partition, let offset):
            metrics.group.noted(.noOffset, group: group)
            log.warning(
                "offset_reset", "The group has no committed offset: reading begins at the first record there is.",
                [field, LogField("partition", partition.partition), LogField("offset", offset)])
        case .skipped(let partition, let from, let offset):
            metrics.group.noted(.deleted, group: group)
            log.error(
                "offset_reset", "Records were deleted before they were read: reading goes on behind them.",
                [
                    field, LogField("partition", partition.partition), LogField("from", from),
                    LogField("offset", offset),
                ])
        case .commitFailed(let code):
            metrics.commitFailures.increment()
            log.warning(
                "commit_failed", "Offsets could not be committed; they are kept.", [field, LogField("code", code)])
        case .commit: metrics.commits.increment()
        }
    }

    func leftGroup(_ error: KafkaError) {
        log.error(
            "kafka_fatal", "The consumer cannot commit any more.",
            [LogField("code", error.code), LogField("reason", error.message)])
    }

    func sendFailed(_ kind: Outbox.Kind, _ error: KafkaError) {
        metrics.sendFailures[kind.rawValue, error.code].increment()
        log.error(
            "send_failed", "A record could not be written to Kafka; it is kept and sent again.",
            [LogField("kind", kind.rawValue), LogField("code", error.code), LogField("reason", error.message)])
    }

    func statusDropped(_ error: KafkaError) {
        metrics.statusDropped.increment()
        log.error(
            "status_dropped", "The status topic refuses a record for good; the notification goes on without it.",
            [LogField("code", error.code), LogField("reason", error.message)])
    }

    // MARK: - The channel

    func channelStopped(_ failure: Failure) {
        metrics.channelStopped.set(1)
        health.setStopped(failure.code)
        log.error(
            "channel_stopped", "The channel's credentials are refused: nothing is sent until they work.",
            [LogField("code", failure.code), LogField("reason", failure.message)])
    }

    func channelResumed() {
        metrics.channelStopped.set(0)
        health.setStopped(nil)
        log.info("channel_resumed", "The channel sends again.")
    }

    func endpointClosed(_ name: String, _ failure: Failure) {
        log.warning(
            "endpoint_closed", "An endpoint asked not to be called any more.",
            [LogField("endpoint", name), LogField("code", failure.code)])
    }

    func drained(inFlight: Int, unacknowledged: Int) {
        guard inFlight > 0 || unacknowledged > 0 else { return log.info("drained", "Everything in flight has ended.") }
        log.warning(
            "drain_timeout",
            "Time is over; what is unfinished is delivered again after a restart, or in doubt if it must not come twice.",
            [LogField("in_flight", inFlight), LogField("unacknowledged", unacknowledged)])
    }

    // MARK: - Gauges

    func measure(_ engine: Engine) {
        metrics.inFlight.set(engine.lanes.inFlight)
        metrics.waiting.set(engine.lanes.waiting)
        metrics.buffered.set(engine.buffered)
        metrics.unacknowledged.set(engine.outbox.count)
        metrics.uncommitted.set(engine.feeds.reduce(0) { $0 + $1.uncommitted })
        metrics.failedSends.set(engine.outbox.failedCount)
        metrics.closedEndpoints.set(engine.closedEndpoints.count)
        metrics.producerRebuilds.increment(by: engine.outbox.rebuilds - measuredRebuilds)
        measuredRebuilds = engine.outbox.rebuilds
        metrics.pausedPartitions.set(engine.feeds.reduce(0) { $0 + $1.pausedCount })
        measureCircuits(engine.lanes.destinations.map { ($0, engine.lanes.circuitState(of: $0) ?? .closed) })
        measureAges(engine, engine.wallClock())
        let isAssigned = engine.feeds.allSatisfy(\.wasAssigned)
        health.set(isAssigned: isAssigned, failedSends: engine.outbox.failedCount)
        let isShort = lackedDescriptorAt.map { .now < $0 + .seconds(5) } ?? false
        if engine.hasWork || isShort, steps == measuredSteps {
            health.progress.workWaits()
        } else {
            health.progress.advance()
        }
        measuredSteps = steps
    }

    private func measureCircuits(_ circuits: [(name: String, state: Circuit.State)]) {
        metrics.circuitOpen.set(circuits.lazy.map { ($0.name, Self.openness($0.state)) })
        for (name, state) in circuits { logCircuit(name, state) }
    }

    private func logCircuit(_ name: String, _ state: Circuit.State) {
        let field = LogField("destination", name)
        if state == .closed {
            guard openCircuits.remove(name) != nil else { return }
            log.info("circuit_closed", "A destination is back.", [field])
        } else if openCircuits.insert(name).inserted {
            log.warning("circuit_opened", "A destination is down; its notifications wait.", [field])
        }
    }

    private static func openness(_ state: Circuit.State) -> Double {
        switch state {
        case .closed: 0
        case .halfOpen: 0.5
        case .open: 1
        }
    }

    private func measureAges(_ engine: Engine, _ now: UnixTime) {
        var oldest = Array(repeating: [Int32: Int64](), count: engine.feeds.count)
        var origin = Int64.max
        for case let work? in engine.works where !work.isConcluded {
            let timestamp = work.record.timestamp
            guard timestamp >= 0 else { continue }
            oldest[work.feed][work.record.partition] = min(
                timestamp, oldest[work.feed][work.record.partition] ?? .max)
            origin = min(origin, work.originTimestamp)
        }
        for record in engine.feeds.flatMap(\.resting) {
            let main = record.headers.text(WireHeader.retryOrigin.text).flatMap(RecordOrigin.init)?.timestamp
            origin = min(origin, main ?? record.timestamp)
        }
        let age = origin == .max || origin < 0 ? .zero : now - UnixTime(milliseconds: origin)
        metrics.oldestUndelivered.set(max(0, age.seconds))
        metrics.group.set(zip(engine.feeds, oldest).flatMap { feed, oldest in feed.lags(oldest: oldest, now: now) })
    }
}
