internal import DeadLetters
internal import Delivery
internal import Kafka
internal import Notifications
internal import Time

/// From a record to a place in a lane, or to its end if it cannot have one.
extension Engine {
    func received(_ record: OwnedRecord, feed: Int, epoch: Int) {
        let work = makeWork(record, feed: feed, epoch: epoch)
        reporter.received(feed: feed)
        do throws(NotificationFault) {
            let notification = try decode(record)
            work.notification = notification
            admit(work, notification)
        } catch {
            deadLetter(
                work,
                .init(
                    class: error.deadLetterClass, code: error.code, message: error.message, stage: "decode"))
        }
    }

    private func decode(_ record: OwnedRecord) throws(NotificationFault) -> Notification {
        let result = record.content.withValue { value -> Result<Notification, NotificationFault> in
            do throws(NotificationFault) {
                guard let value else {
                    throw NotificationFault(code: "tombstone", message: "the record has no value")
                }
                return .success(try Notification.decode(value, channel: settings.channel, document: document))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func admit(_ work: Work, _ notification: Notification) {
        let wall = wallClock()
        let now = MonotonicTime.now
        if isDuplicate(work, now) || isOver(work, wall) { return }
        if let left = feeds[work.feed].restLeft(of: work.record) {
            // It asked for a longer rest than its tier has: another rest, which is no attempt.
            if isTooOld(work, wall) { return refuseTooOld(work) }
            return rest(work, min(left, settings.retry.retryAfterCap), wall)
        }
        do throws(Refusal) {
            let destination = try channel.destination(of: notification)
            work.destination = destination
            if isClosed(destination, now) { return refuseClosed(work) }
            work.record.content.withKey { key in
                lanes.admit(work.slot, to: destination, key: key, priority: notification.priority, now: now)
            }
        } catch {
            refuse(work, error)
        }
    }

    /// Whether this process has delivered the same notification already; if so, that was the end of it.
    func isDuplicate(_ work: Work, _ now: MonotonicTime) -> Bool {
        guard let id = work.deliveryID, deliveredIDs.contains(id, now: now) else { return false }
        reporter.duplicateSkipped()
        conclude(work)
        return true
    }

    /// Whether its time is over; if so, it ends with a status.
    func isOver(_ work: Work, _ wall: UnixTime) -> Bool {
        guard Expiry.hasExpired(work.notification?.expiresAt, now: wall) else { return false }
        concludeExpired(work, wall)
        return true
    }

    /// Ends one whose time is over, with a status.
    func concludeExpired(_ work: Work, _ wall: UnixTime) {
        reporter.ended("expired", class: "expired")
        report(
            work, .expired, isFinal: true, wall,
            failure: Failure(class: "expired", code: "expired", message: "the notification expired before delivery"))
        conclude(work)
    }

    func refuse(_ work: Work, _ refusal: Refusal) {
        deadLetter(
            work,
            .init(
                class: refusal.deadLetter, code: refusal.code, message: refusal.message, stage: "prepare"))
    }

    /// Whether the endpoint asked for no more. What only borrows its name goes elsewhere.
    func isClosed(_ destination: Destination, _ now: MonotonicTime) -> Bool {
        !destination.hasOwnAddress && closedEndpoints.isClosed(destination.name, now: now)
    }

    func refuseClosed(_ work: Work) {
        deadLetter(
            work,
            .init(
                class: .endpointClosed, code: "endpoint_closed",
                message: "the endpoint asked not to be called any more", stage: "wait"))
    }

    /// Ends what expired while it waited, and what waits for an endpoint that asked for no more, which would otherwise
    /// end at the rate of its attempts; looked for once a second, and again before each attempt. With strict order
    /// nothing is parked: what waits for `max_age` ends here, too.
    func expire(_ now: MonotonicTime, _ wall: UnixTime) {
        guard expiredAt + .seconds(1) <= now else { return }
        expiredAt = now
        let isStrict = settings.retry.isStrict
        if isStrict { startAges(now, wall) }
        for case let work? in works where !work.isConcluded {
            if Expiry.hasExpired(work.notification?.expiresAt, now: wall) {
                if lanes.remove(work.slot) { _ = isOver(work, wall) }
            } else if room > 0, let destination = work.destination, isClosed(destination, now) {
                if lanes.remove(work.slot) { refuseClosed(work) }
            } else if isStrict, isTooOld(work, wall), lanes.remove(work.slot) {
                refuseTooOld(work)
            }
        }
    }

    /// What an open circuit holds grows old from then on, as what is parked does.
    private func startAges(_ now: MonotonicTime, _ wall: UnixTime) {
        for slot in lanes.held(longerThan: .zero, now: now) {
            if let work = works[slot], work.firstFailure == nil { work.firstFailure = wall }
        }
    }
}
