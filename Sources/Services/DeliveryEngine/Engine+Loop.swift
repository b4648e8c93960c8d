internal import Delivery
internal import Kafka
internal import Lifecycle
internal import Time

/// The loop of the one thread that owns everything.
extension Engine {
    /// As few as keep a turn short: while records are read, nothing that ended is followed by a new attempt.
    private static let recordsPerTurn = 64
    private static let restedPerTurn = 64
    private static let retriesEvery: Duration = .milliseconds(20)
    private static let longestWait: Duration = .milliseconds(50)
    /// A buffer that stays full for longer makes the consumers pause, so that the group is served meanwhile.
    private static let pauseAfter: Duration = .milliseconds(250)

    /// One turn: what has ended, what is due, what may start, what has arrived.
    ///
    /// - Throws: what makes going on impossible, such as a fenced static member.
    func turn() throws(KafkaError) {
        try wakeFromStall()
        takeAnswers()
        expire(.now, wallClock())
        for feed in feeds.dropFirst() where !isFull {
            feed.releaseDue(.now, maximum: min(Self.restedPerTurn, room))
        }
        sweep(.now)
        dispatch()
        try read()
        dispatch()
        commitIfDue()
        measureIfDue()
    }

    /// Takes what destinations and the broker have answered. Returns how many attempts have ended.
    @discardableResult
    func takeAnswers() -> Int {
        for feed in feeds { feed.takeCommitAnswers() }
        pollOutbox()
        return takeCompletions()
    }

    /// After a stop of the whole process the group may have given the partitions away: it is heard before anything is
    /// sent that another member may have sent meanwhile.
    private func wakeFromStall() throws(KafkaError) {
        let now = MonotonicTime.now
        defer { turnedAt = .now }
        guard turnedAt + settings.sessionTimeout / 2 < now else { return }
        for _ in 0..<10 {
            for feed in feeds { _ = try feed.poll(timeout: .milliseconds(10), maximum: 1) }
        }
    }

    private func read() throws(KafkaError) {
        let now = MonotonicTime.now
        try regulate(now)
        let isPaused = blockedSince.map { $0 + Self.pauseAfter <= now } ?? false
        if isBlocked, !isPaused {
            // A short while without reading costs less than a pause, which drops what was fetched ahead.
            _ = completions.wait(timeout: min(pause(now), .milliseconds(isFull ? 5 : 1)))
            return
        }
        // A record may end where it is read, so that it needs room, too; one that comes in spite of a pause gets it.
        let maximum = max(1, min(Self.recordsPerTurn, room))
        // What comes here has rested for much longer than that, and each look has its price.
        if retriesReadAt + Self.retriesEvery <= now {
            retriesReadAt = now
            for feed in feeds.dropFirst() {
                _ = try feed.poll(timeout: .zero, maximum: min(Self.restedPerTurn, maximum))
            }
        }
        _ = try feeds[0].poll(timeout: pause(now), maximum: maximum)
    }

    /// No more records can be taken in.
    private var isBlocked: Bool { isFull || room == 0 }

    /// Pauses everything while no record can be taken in; once the buffer was full, until half of it is free.
    private func regulate(_ now: MonotonicTime) throws(KafkaError) {
        if isFull { wasFull = true }
        if isBlocked {
            if blockedSince == nil { blockedSince = now }
            guard let blockedSince, blockedSince + Self.pauseAfter <= now else { return }
            for feed in feeds { try feed.pauseAll(true) }
        } else if let since = blockedSince {
            let isHalfFree =
                buffered <= settings.maxBuffered / 2 && bufferedBytes <= settings.maxBufferedBytes / 2
            guard isHalfFree || !wasFull || since + Self.pauseAfter > now else { return }
            blockedSince = nil
            wasFull = false
            for feed in feeds { try feed.pauseAll(false) }
        }
    }

    /// How long the thread may sleep when nothing wakes it.
    private func pause(_ now: MonotonicTime) -> Duration {
        if completions.count > 0 { return .zero }
        var wake = now + Self.longestWait
        if let probe = gate.opensAt(now) {
            wake = min(wake, probe)
        } else if lanes.hasRoom, room > 0, let next = lanes.nextWake {
            wake = min(wake, next)
        }
        if let outboxWake = outbox.nextWake { wake = min(wake, outboxWake) }
        if feeds.contains(where: { $0.untold > 0 }) { wake = min(wake, committedAt + settings.commitInterval) }
        // What is due cannot come in while there is no room for it.
        guard !isBlocked else { return max(.zero, wake - now) }
        for case let due? in feeds.map(\.nextDue) { wake = min(wake, due) }
        return max(.zero, wake - now)
    }

    func commitIfDue() {
        let now = MonotonicTime.now
        let isDue = committedAt + settings.commitInterval <= now
        guard isDue || isCommitUrgent else { return }
        committedAt = now
        for feed in feeds { feed.commit() }
    }

    /// A quarter of the bound is reached, so that the answer is there long before the whole of it is; or all of it is.
    private var isCommitUrgent: Bool {
        let untold = feeds.reduce(0) { $0 + $1.untold }
        guard untold > 0, !feeds.contains(where: \.isCommitFailing) else { return false }
        return untold >= settings.commitEvery / 4 || room == 0
    }

    private func measureIfDue() {
        let now = MonotonicTime.now
        guard measuredAt + .milliseconds(500) <= now else { return }
        measuredAt = now
        reporter.measure(self)
    }

    // MARK: - The end

    /// Stays in the groups without reading on, so that what ends meanwhile can be committed.
    private func serveGroups() {
        for feed in feeds {
            do throws(KafkaError) {
                try feed.pauseAll(true)
                _ = try feed.poll(timeout: .zero, maximum: 1)
            } catch {
                reporter.leftGroup(error)
            }
        }
        turnedAt = .now
    }

    /// Finishes what is in flight, commits, leaves. What only waited comes again after a restart.
    func drain(beat: () -> Void = {}) {
        let deadline = MonotonicTime.now + settings.drainTimeout
        drainsUntil = deadline
        handOver(works)
        while lanes.inFlight > 0 || outbox.count > 0 || isToHandOver(works) {
            guard MonotonicTime.now < deadline else { break }
            beat()
            serveGroups()
            if takeAnswers() == 0 { _ = completions.wait(timeout: .milliseconds(5)) }
            handOver(works)
            commitIfDue()
        }
        reporter.drained(inFlight: lanes.inFlight, unacknowledged: outbox.count)
        // What a supervisor grants beyond the drain is little: one deadline for all that is left.
        let end = MonotonicTime.now + .seconds(4)
        cancel()
        for feed in feeds { feed.commitLast(within: max(end - .now, .milliseconds(200)) / 2) }
        for feed in feeds { feed.close(within: max(end - .now, .milliseconds(200))) }
        transfer.stop()
    }

    /// Gives up what is in flight. Where nothing may be sent twice, the transfer is asked which requests have left: they
    /// become dead letters before the last commit, the others come again after a restart.
    private func cancel() {
        let unanswered = works.compactMap { $0 }.filter { lanes.isInFlight($0.slot) && !$0.isRevoked }
        transfer.cancelAll()
        guard settings.onAmbiguous == .dlq, !unanswered.isEmpty else { return }
        finish(unanswered, within: .seconds(1))
        giveUp(unanswered, "the consumer stopped before an answer came", within: .seconds(1))
    }
}
