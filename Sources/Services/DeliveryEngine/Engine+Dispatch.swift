internal import Delivery
internal import Notifications
internal import Time
internal import Transfer

/// From the lanes to the transfer thread.
extension Engine {
    /// Starts every attempt that may start now; one that a crash could not repeat within the promised bound may not.
    func dispatch() {
        let now = MonotonicTime.now
        guard drainsUntil == nil, startsAt <= now else { return }
        let wall = wallClock()
        var jobs: [TransferJob] = []
        var room = room
        while room > 0, gate.opensAt(now) == nil, let slot = lanes.next(now) {
            room -= 1
            guard let work = works[slot], let request = prepare(work, now, wall) else { continue }
            gate.started(now)
            reporter.started(request)
            jobs.append(TransferJob(token: work.token, request: request))
        }
        if !jobs.isEmpty { transfer.submit(jobs) }
    }

    /// The request of the next attempt; `nil` if there will be none.
    private func prepare(_ work: Work, _ now: MonotonicTime, _ wall: UnixTime) -> TransferRequest? {
        guard let notification = work.notification, let destination = work.destination else {
            leaveUnattempted(work, now)
            return nil
        }
        if isDuplicate(work, now) || isOver(work, wall) {
            leaveUnattempted(work, now)
            return nil
        }
        if isClosed(destination, now) {
            leaveUnattempted(work, now)
            refuseClosed(work)
            return nil
        }
        work.attemptAt = wall
        if work.firstAttemptAt == nil { work.firstAttemptAt = now }
        tracing?.attempts(work)
        let attempt = Attempt(
            number: work.attempts + 1, at: wall, traceparent: work.trace?.traceparent ?? work.traceparent,
            tracestate: work.tracestate)
        do throws(Refusal) {
            return try channel.request(for: notification, attempt: attempt)
        } catch {
            leaveUnattempted(work, now)
            refuse(work, error)
            return nil
        }
    }

    /// Nothing of it was sent; it leaves its lane unless told otherwise.
    func leaveUnattempted(_ work: Work, _ now: MonotonicTime, _ fate: Lanes.Fate = .leaves) {
        work.trace?.attempt = nil
        lanes.finish(work.slot, fate, health: .unknown, now: now)
    }
}
