internal import Delivery
internal import Kafka
internal import Lifecycle
internal import Time
internal import Transfer

/// What happens when partitions come and go.
extension Engine: FeedOwner {
    /// Lets go of what only waits, and gives what is in flight a limited time to end. Runs inside of a feed's poll.
    func revoking(_ partitions: Set<TopicPartition>, feed: Int, lost: Bool) -> Duration {
        let concerned = works.compactMap { work in
            work.flatMap { $0.feed == feed && partitions.contains($0.record.topicPartition) ? $0 : nil }
        }
        if !lost { handOver(concerned) }
        let wall = wallClock()
        var leaving: [Work] = []
        for work in concerned where works[work.slot] === work {
            // What has still to rest by a retry topic waits for room to go there.
            if !lost, isToHandOver(work, wall) {
                leaving.append(work)
            } else if lanes.remove(work.slot) {
                // Never attempted, or between two attempts: the next owner reads it again.
                if work.openSends == 0 { release(work) } else { leaving.append(work) }
            } else {
                leaving.append(work)
            }
        }
        // Lost partitions have an owner already: nothing that is said or committed now keeps it from sending again.
        if !lost {
            finish(leaving, within: min(settings.revokeDrain, timeToPoll / 2, timeToDrain))
            giveUp(leaving, "its partition left before an answer came", within: min(.seconds(2), timeToPoll / 2))
        }
        for work in leaving where works[work.slot] === work {
            work.isRevoked = true
            feeds[feed].forsake()
            if !lanes.isInFlight(work.slot) { release(work) }
        }
        return max(.milliseconds(200), timeToPoll / 2)
    }

    /// What is left until one of the other groups, which are not served meanwhile, misses this member. All groups may
    /// take partitions at once, so that each of them may use no more than a part of it.
    private var timeToPoll: Duration { max(.zero, turnedAt + settings.pollInterval - .now) }

    /// What is left of a drain, which a rebalance does not prolong; at its end just what has been cancelled is heard of.
    private var timeToDrain: Duration {
        drainsUntil.map { max(.milliseconds(200), $0 - .now) } ?? settings.revokeDrain
    }

    /// Waits for attempts in flight, for what is handed over and for all acknowledgements, but not for further attempts.
    func finish(_ leaving: [Work], within limit: Duration) {
        let deadline = MonotonicTime.now + limit
        while leaving.contains(where: isEnding) || isToHandOver(leaving), MonotonicTime.now < deadline {
            if takeAnswers() == 0 { _ = completions.wait(timeout: .milliseconds(5)) }
            handOver(leaving)
            commitIfDue()
        }
        // What goes back to a lane for another attempt does not wait there.
        for work in leaving where works[work.slot] === work { lanes.remove(work.slot) }
    }

    /// Where nothing may be sent twice, what is still in flight ends as a dead letter, since the next owner would send it
    /// again. Its answer is ignored when it comes. While Kafka takes no dead letter there is no other way than to let go.
    func giveUp(_ leaving: [Work], _ reason: String, within limit: Duration) {
        guard settings.onAmbiguous == .dlq else { return }
        let unanswered = leaving.filter { works[$0.slot] === $0 && lanes.isInFlight($0.slot) }
        guard !unanswered.isEmpty else { return }
        let wall = wallClock()
        for work in unanswered {
            conclude(
                TransferCompletion(
                    token: work.token, result: .failed(TransferFailure(.cancelled, requestSent: true, reason)),
                    duration: work.attemptAt.map { max(.zero, wall - $0) } ?? .zero))
        }
        finish(unanswered, within: limit)
    }

    /// What a destination asked to leave alone for longer moves to a retry topic, so that whoever reads it next knows: as
    /// many as a crash may repeat, the rest when commits have made room.
    func handOver(_ leaving: some Sequence<Work?>) {
        let wall = wallClock()
        var room = room
        for case let work? in leaving {
            guard room > 0 else { return }
            guard isToHandOver(work, wall), let floor = work.floor, lanes.remove(work.slot) else { continue }
            rest(work, floor - wall, wall)
            room -= 1
        }
    }

    /// Whether anything has still to move by ``handOver(_:)``.
    func isToHandOver(_ leaving: some Sequence<Work?>) -> Bool {
        let wall = wallClock()
        return leaving.contains { $0.map { isToHandOver($0, wall) } ?? false }
    }

    /// With strict order a record cannot leave its lane.
    private func isToHandOver(_ work: Work, _ wall: UnixTime) -> Bool {
        guard !settings.retry.isStrict, works[work.slot] === work, !work.isConcluded else { return false }
        return !lanes.isInFlight(work.slot) && work.floor.map { $0 > wall } ?? false
    }

    private func isEnding(_ work: Work) -> Bool {
        works[work.slot] === work && (lanes.isInFlight(work.slot) || work.openSends > 0)
    }

    func noted(_ note: FeedNote, feed: Int) {
        reporter.noted(
            note, topic: feeds.indices.contains(feed) ? feeds[feed].topic : settings.topic,
            group: feed == 0 ? settings.group : settings.retryGroup(feed - 1))
    }
}
