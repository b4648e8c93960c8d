internal import DeadLetters
internal import Delivery
internal import Kafka
internal import Notifications
internal import Telemetry
internal import Time

/// Turns what happens in the engine into metrics, log lines and health. Nothing of recipients or content gets in.
final class EngineReporter {
    let metrics: EngineMetrics
    let health: EngineHealth
    private let log: Log

    init(metrics: EngineMetrics, health: EngineHealth, log: Log = Log()) {
        self.metrics = metrics
        self.health = health
        self.log = log
    }

    // MARK: - Records

    func received(feed: Int) { (feed == 0 ? metrics.recordsRead : metrics.recordsRetried).increment() }
    func duplicateSkipped() { metrics.duplicatesSkipped.increment() }
    func parked() { metrics.parked.increment() }

    func floodHeld() {
        metrics.floodHeld.increment()
        log.warning("flood_guard_holds", "Exhausted records come too fast; they rest instead of becoming dead letters.")
    }

    func attempted(_ work: Work, _ outcome: Outcome, _ duration: Duration) {
        metrics.attemptSeconds.observe(duration)
        let (word, code) = Self.label(outcome)
        metrics.count(
            .init(
                "attempts_total", .init("destination", work.destination?.name ?? ""), .init("outcome", word),
                .init("code", code)), "Delivery attempts that ended.")
    }

    /// A record's end, other than by moving to a retry topic.
    func ended(_ work: Work, _ outcome: String, code: String) {
        metrics.count(
            .init("notifications_total", .init("outcome", outcome)), "Notifications that reached an end.")
    }

    func forwarded(tier: Int) {
        metrics.count(
            .init("retries_scheduled_total", .init("tier", String(tier))), "Records moved to a retry topic.")
    }

    func deadLettered(_ reason: DeadLetter.Reason) {
        metrics.count(
            .init("dead_letters_total", .init("class", reason.class.rawValue), .init("stage", reason.stage)),
            "Records moved to the dead letter topic.")
    }

    static func label(_ outcome: Outcome) -> (word: String, code: String) {
        switch outcome {
        case .delivered(let receipt): (receipt.status.rawValue, receipt.code)
        case .retry(let failure, _): ("retry", failure.code)
        case .rejected(let failure, _): ("rejected", failure.code)
        case .closeEndpoint(let failure): ("closed", failure.code)
        case .stopChannel(let failure): ("stopped", failure.code)
        case .ambiguous(let failure): ("ambiguous", failure.code)
        case .suppressed(let failure): ("suppressed", failure.code)
        }
    }

    // MARK: - Kafka

    func noted(_ note: FeedNote, topic: String) {
        let field = LogField("topic", topic)
        switch note {
        case .assigned(let count):
            rebalanced("assigned")
            log.info("partitions_assigned", "Partitions were assigned.", [field, LogField("partitions", count)])
        case .revoked(let count, let lost):
            rebalanced(lost ? "lost" : "revoked")
            let fields = [field, LogField("partitions", count), LogField("lost", lost)]
            log.info("partitions_revoked", "Partitions were taken away.", fields)
        case .skippedCompleted: metrics.completedSkipped.increment()
        case .rewound(let partition, let offset):
            metrics.rewinds.increment()
            log.error(
                "offset_rewound", "The log was truncated or made anew; reading goes on from its start.",
                [field, LogField("partition", partition.partition), LogField("offset", offset)])
        case .unplaced(let partition, let offset):
            offsetReset("no_offset")
            log.warning(
                "offset_reset", "The group has no committed offset: reading begins at the first record there is.",
                [field, LogField("partition", partition.partition), LogField("offset", offset)])
        case .skipped(let partition, let from, let offset):
            offsetReset("deleted")
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

    private func offsetReset(_ reason: String) {
        metrics.count(
            .init("offset_resets_total", .init("reason", reason)),
            "Partitions that were not read on from a committed offset: an alarm.")
    }

    private func rebalanced(_ kind: String) {
        metrics.count(
            .init("rebalances_total", .init("kind", kind)), "Times that partitions came or went, over all topics.")
    }

    func sendFailed(_ kind: Outbox.Kind, _ error: KafkaError) {
        metrics.count(
            .init("send_failures_total", .init("kind", kind.rawValue), .init("code", error.code)),
            "Sends to Kafka that failed.")
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
            "drain_timeout", "Time is over; what is unfinished is delivered again after a restart.",
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
        metrics.producerRebuilds.set(engine.outbox.rebuilds)
        metrics.pausedPartitions.set(engine.feeds.reduce(0) { $0 + $1.pausedCount })
        for feed in engine.feeds {
            guard let lag = feed.lag else { continue }
            metrics.set(.init("lag", .init("topic", feed.topic)), "Records that are not done yet, by topic.", lag)
        }
        for name in engine.lanes.destinations {
            let isOpen = engine.lanes.circuitState(of: name) != .closed
            metrics.set(
                .init("circuit_open", .init("destination", name)), "1 while a destination's circuit is open.",
                isOpen ? 1 : 0)
        }
        let isAssigned = engine.feeds.allSatisfy(\.wasAssigned)
        health.set(isAssigned: isAssigned, failedSends: engine.outbox.failedCount)
    }
}
