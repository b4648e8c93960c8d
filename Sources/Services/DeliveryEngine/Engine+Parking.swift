internal import DeadLetters
internal import Delivery
internal import Notifications
internal import Time

/// What leaves the way of others: records of destinations that are down, or so slow that they fill the buffer.
extension Engine {
    private static let sweepEvery: Duration = .milliseconds(100)
    private static let sweepOnAfter: Duration = .milliseconds(10)

    /// Parks what open circuits have held for too long; with strict order everything stays in its lane.
    func sweep(_ now: MonotonicTime) {
        guard !settings.retry.isStrict, !gate.isStopped, sweptAt + Self.sweepEvery <= now else { return }
        sweptAt = now
        // What a slow destination leaves of a full buffer keeps the reading paused, until half of it is gone.
        let isPressed = wasFull || feeds[0].isSpanFull
        let wall = wallClock()
        park(lanes.held(longerThan: isPressed ? .zero : settings.parkAfter, now: now), now, wall)
        guard isPressed else { return }
        park(lanes.crowding(now), now, wall)
        guard channel.hasSeveralDestinations else { return }
        let kept = feeds[0].isSpanFull ? 0 : settings.maxBuffered / 4
        park(lanes.overdue(longerThan: settings.parkAfter, keeping: kept, now: now), now, wall)
    }

    /// As many as a crash may repeat, a quarter of the bound at a time so that attempts find room, too; the rest soon.
    private func park(_ slots: [Int], _ now: MonotonicTime, _ wall: UnixTime) {
        let count = min(slots.count, room, settings.maxExposed / 4)
        for slot in slots.prefix(count) { park(slot, wall) }
        if count < slots.count { sweptAt = now - Self.sweepEvery + Self.sweepOnAfter }
    }

    /// To the shortest tier that will do, which is no attempt; after `max_age` to the dead letter topic.
    private func park(_ slot: Int, _ wall: UnixTime) {
        guard let work = works[slot], lanes.remove(slot) else { return }
        reporter.parked()
        if work.firstFailure == nil { work.firstFailure = wall }
        if isTooOld(work, wall) { return refuseTooOld(work) }
        // Between two attempts its destination may have asked for a longer rest.
        let delay = max(settings.tiers[0].delay, work.floor.map { $0 - wall } ?? .zero)
        rest(work, delay, wall)
    }

    /// Whether `max_age` is over since it first failed or had to wait.
    func isTooOld(_ work: Work, _ wall: UnixTime) -> Bool {
        work.firstFailure.map { wall - $0 >= settings.retry.maxAge } ?? false
    }

    func refuseTooOld(_ work: Work) {
        deadLetter(
            work,
            .init(
                class: .maxAge, code: "max_age", message: "waited too long for its destination", stage: "wait"))
    }
}
