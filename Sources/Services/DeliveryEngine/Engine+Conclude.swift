internal import DeadLetters
internal import Delivery
internal import Lifecycle
internal import Notifications
internal import Time
internal import Transfer

/// From an answer to its consequence.
extension Engine {
    /// A `Retry-After` keeps the destination's other notifications back for no longer than that.
    private static let longestHold: Duration = .seconds(300)
    private static let descriptorPause: Duration = .seconds(1)

    /// Works through what the transfer thread has finished. Returns how much it was.
    @discardableResult
    func takeCompletions() -> Int {
        let arrived = completions.takeAll()
        for completion in arrived { conclude(completion) }
        return arrived.count
    }

    func conclude(_ completion: TransferCompletion) {
        let now = MonotonicTime.now
        guard let work = work(completion.token), lanes.isInFlight(work.slot), let notification = work.notification
        else { return }
        if case .failed(let failure) = completion.result, failure.kind == .cancelled {
            lanes.finish(work.slot, .leaves, health: .unknown, now: now)
            if isInDoubt(work, failure) { return inDoubt(work, failure, completion) }
            // Nothing is known and nothing follows: the record stays undone and comes again after a restart.
            return release(work)
        }
        let wall = wallClock()
        if case .failed(let failure) = completion.result, failure.kind == .expired {
            leaveUnattempted(work, now)
            // Another member has it, and says the same.
            return work.isRevoked ? release(work) : concludeExpired(work, wall)
        }
        if case .failed(let failure) = completion.result, failure.kind == .descriptors {
            return waitForDescriptor(work, failure, now)
        }
        let outcome = channel.outcome(of: completion.result, for: notification, now: wall)
        reporter.attempted(work, outcome, completion.duration)
        tracing?.attempted(work, outcome, completion.result)
        var end = AttemptEnd(outcome: outcome, duration: completion.duration, now: now, wall: wall)
        if case .failed = completion.result { end.isAnswered = false }
        if work.isRevoked {
            concludeRevoked(work, end)
        } else {
            conclude(work, end)
        }
    }

    /// An attempt that ended, and when.
    struct AttemptEnd {
        let outcome: Outcome
        let duration: Duration
        let now: MonotonicTime
        let wall: UnixTime
        /// The other side said something, whatever it was.
        var isAnswered = true
    }

    private func conclude(_ work: Work, _ end: AttemptEnd) {
        if counts(end.outcome, work) { work.attempts += 1 }
        // Only an answer shows that the credentials work.
        if case .stopChannel = end.outcome {} else if end.isAnswered, gate.open() { reporter.channelResumed() }
        switch end.outcome {
        case .delivered(var receipt):
            leave(work, end, .alive)
            if let failure = receipt.closing {
                closeEndpoint(of: work, failure, end)
                receipt.detail.set("endpoint_closed", .text(failure.code))
            }
            delivered(work, receipt, end)
        case .suppressed(let failure):
            leave(work, end, .alive)
            reporter.ended("suppressed", class: failure.class)
            report(work, .suppressed, isFinal: true, end.wall, failure: failure, duration: end.duration)
            conclude(work)
        case .rejected(let failure, let deadLetterClass):
            leave(work, end, .alive)
            deadLetter(work, reason(failure, deadLetterClass), duration: end.duration)
        case .closeEndpoint(let failure):
            leave(work, end, .alive)
            closeEndpoint(of: work, failure, end)
            deadLetter(work, reason(failure, .endpointClosed), duration: end.duration)
        case .stopChannel(let failure): stopChannel(work, failure, end)
        case .ambiguous(let failure, _) where settings.onAmbiguous == .dlq:
            leave(work, end, health(work, failure, end))
            deadLetter(work, reason(failure, .inDoubt), status: .ambiguous, duration: end.duration)
        case .ambiguous(let failure, let after) where isStillDown(work, failure):
            stillDown(work, failure, after: after, end, status: .ambiguous)
        case .ambiguous(let failure, let after): again(work, failure, after: after, end, status: .ambiguous)
        case .retry(let failure, let after) where isStillDown(work, failure):
            stillDown(work, failure, after: after, end, status: .retrying)
        case .retry(let failure, let after): again(work, failure, after: after, end, status: .retrying)
        }
    }

    /// Whether it is one of the attempts that `MAX_RETRIES` limits: refused credentials and a destination that is still
    /// down are nobody's fault of theirs.
    private func counts(_ outcome: Outcome, _ work: Work) -> Bool {
        switch outcome {
        case .stopChannel: false
        case .retry(let failure, _): !isStillDown(work, failure)
        case .ambiguous(let failure, _): !isStillDown(work, failure) || settings.onAmbiguous == .dlq
        case .delivered, .rejected, .closeEndpoint, .suppressed: true
        }
    }

    /// Whether the attempt was to find out if its destination is back, and found that it is not.
    private func isStillDown(_ work: Work, _ failure: Failure) -> Bool {
        failure.meansDown && lanes.isProbe(work.slot)
    }

    /// What a failure says of the destination: nothing, where no answer came for a reason of our own. The first attempt
    /// of a notification is evidence; that the same one fails again at once adds nothing, and a few that nobody could
    /// deliver must not hold the others back.
    private func health(_ work: Work, _ failure: Failure, _ end: AttemptEnd) -> Lanes.Health {
        guard failure.meansDown else { return end.isAnswered ? .alive : .unknown }
        return work.retriesInMemory == 0 || lanes.isProbe(work.slot) ? .down : .unknown
    }

    private func leave(_ work: Work, _ end: AttemptEnd, _ health: Lanes.Health) {
        lanes.finish(work.slot, .leaves, health: health, now: end.now)
    }

    private func reason(_ failure: Failure, _ deadLetterClass: DeadLetterClass) -> DeadLetter.Reason {
        DeadLetter.Reason(class: deadLetterClass, code: failure.code, message: failure.message, stage: "deliver")
    }

    // MARK: - The consequences

    private func delivered(_ work: Work, _ receipt: Receipt, _ end: AttemptEnd) {
        if let id = work.deliveryID { deliveredIDs.insert(id, now: end.now) }
        floodGuard.succeeded()
        reporter.delivered(work, receipt, end.wall)
        report(
            work, receipt.status == .sent ? .sent : .delivered, isFinal: true, end.wall, code: receipt.code,
            duration: end.duration, detail: receipt.detail)
        conclude(work)
    }

    private func closeEndpoint(of work: Work, _ failure: Failure, _ end: AttemptEnd) {
        guard let name = work.destination?.name else { return }
        closedEndpoints.close(name, now: end.now)
        reporter.endpointClosed(name, failure)
    }

    /// Nothing has left, and only this process is to blame: the record keeps its attempts, and its place in its lane.
    private func waitForDescriptor(_ work: Work, _ failure: TransferFailure, _ now: MonotonicTime) {
        reporter.lacksDescriptor(work, failure, now)
        guard !work.isRevoked else {
            leaveUnattempted(work, now)
            return release(work)
        }
        // The time in which it may be tried again at once has not begun.
        if work.retriesInMemory == 0 { work.firstAttemptAt = nil }
        leaveUnattempted(work, now, .again(now + Self.descriptorPause))
    }

    /// Sending stops; the record waits at the head of its lane for a probe.
    private func stopChannel(_ work: Work, _ failure: Failure, _ end: AttemptEnd) {
        if gate.stop(end.now) { reporter.channelStopped(failure) }
        lanes.finish(work.slot, .again(end.now), health: .unknown, now: end.now)
        report(
            work, .retrying, isFinal: false, end.wall, failure: failure, attempt: work.attempts + 1,
            duration: end.duration)
    }

    private func again(
        _ work: Work, _ failure: Failure, after: Duration?, _ end: AttemptEnd, status: StatusRecord.Status
    ) {
        if work.firstFailure == nil { work.firstFailure = end.wall }
        if failure.class == Failure.rateLimited, let after, let name = work.destination?.name {
            lanes.hold(name, until: end.now + min(after, Self.longestHold))
        }
        let progress = RetryPolicy.Progress(
            made: work.attempts, inMemory: work.retriesInMemory,
            elapsed: work.firstAttemptAt.map { end.now - $0 } ?? .zero, tier: work.tier)
        switch settings.retry.next(progress, retryAfter: after, using: &generator) {
        case .memory(let delay):
            lanes.finish(work.slot, .again(end.now + delay), health: health(work, failure, end), now: end.now)
            work.retriesInMemory += 1
            work.floor = after.map { _ in end.wall.adding(delay + .milliseconds(1)) }
            reporter.retriedInMemory()
            report(
                work, status, isFinal: false, end.wall, failure: failure, next: end.wall.adding(delay),
                duration: end.duration)
        case .tier(let tier, let delay):
            leave(work, end, health(work, failure, end))
            // The wall clock was read in whole milliseconds, rounded down: a floor must not lose the rest.
            let notBefore = end.wall.adding(delay + .milliseconds(1))
            report(
                work, status, isFinal: false, end.wall, failure: failure, next: notBefore, duration: end.duration)
            forward(work, to: tier, notBefore: notBefore)
        case .deadLetter(let deadLetterClass):
            exhausted(work, failure, deadLetterClass, after: after, end, status: status)
        }
    }

    /// How long a record rests that is tried again without counting: the shortest tier, or what was asked for.
    private func rest(after: Duration?) -> Duration {
        max(min(after ?? .zero, settings.retry.retryAfterCap), settings.tiers[0].delay)
    }

    /// A probe found its destination still down: no attempt. It makes place for another probe, if it may.
    private func stillDown(
        _ work: Work, _ failure: Failure, after: Duration?, _ end: AttemptEnd, status: StatusRecord.Status
    ) {
        if work.firstFailure == nil { work.firstFailure = end.wall }
        let isStrict = settings.retry.isStrict
        let floor = min(after ?? .zero, settings.retry.retryAfterCap)
        lanes.finish(work.slot, isStrict ? .again(end.now + floor) : .leaves, health: .down, now: end.now)
        if isTooOld(work, end.wall), !isStrict || lanes.remove(work.slot) { return refuseTooOld(work) }
        let delay = rest(after: after)
        let notBefore = end.wall.adding(delay + .milliseconds(1))
        report(
            work, status, isFinal: false, end.wall, failure: failure, attempt: work.attempts + 1,
            next: isStrict ? nil : notBefore, duration: end.duration)
        if !isStrict { forward(work, to: settings.retry.tier(covering: delay), notBefore: notBefore) }
    }

    /// Every attempt is spent: a dead letter. Where that happens too often the record rests instead, with all its
    /// attempts counted, and is tried once more.
    private func exhausted(
        _ work: Work, _ failure: Failure, _ deadLetterClass: DeadLetterClass, after: Duration?, _ end: AttemptEnd,
        status: StatusRecord.Status
    ) {
        let delay = rest(after: after)
        let again = settings.retry.isStrict ? Lanes.Fate.again(end.now + delay) : .leaves
        guard !isTooOld(work, end.wall), !floodGuard.admit(end.now) else {
            leave(work, end, health(work, failure, end))
            return deadLetter(work, reason(failure, deadLetterClass), duration: end.duration)
        }
        reporter.floodHeld()
        lanes.finish(work.slot, again, health: health(work, failure, end), now: end.now)
        let notBefore = end.wall.adding(delay + .milliseconds(1))
        report(work, status, isFinal: false, end.wall, failure: failure, next: notBefore, duration: end.duration)
        if !settings.retry.isStrict { forward(work, to: settings.retry.tier(covering: delay), notBefore: notBefore) }
    }

    /// Whether an attempt that was given up may have delivered what must not come twice. Of a partition that belongs to
    /// another member already nothing can be said any more.
    private func isInDoubt(_ work: Work, _ failure: TransferFailure) -> Bool {
        settings.onAmbiguous == .dlq && failure.requestSent && !work.isRevoked
    }

    /// Nobody waits for the answer any more, and whoever reads the record again would send it again.
    private func inDoubt(_ work: Work, _ failure: TransferFailure, _ completion: TransferCompletion) {
        let doubt = Failure(
            class: DeadLetterClass.inDoubt.rawValue, code: failure.code, message: failure.message)
        reporter.attempted(work, .ambiguous(doubt), completion.duration)
        tracing?.attempted(work, .ambiguous(doubt), completion.result)
        work.attempts += 1
        deadLetter(work, reason(doubt, .inDoubt), status: .ambiguous, duration: completion.duration)
    }

    /// Its partition belongs to another member, which will attempt it again; only what is true for good is said.
    private func concludeRevoked(_ work: Work, _ end: AttemptEnd) {
        leave(work, end, .unknown)
        if case .delivered(let receipt) = end.outcome {
            work.attempts += 1
            delivered(work, receipt, end)
        } else {
            release(work)
        }
    }
}
