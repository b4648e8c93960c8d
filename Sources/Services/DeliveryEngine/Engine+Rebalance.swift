internal import Delivery
internal import Kafka
internal import Lifecycle
internal import Time

/// What happens when partitions come and go.
extension Engine: FeedOwner {
    /// Lets go of what only waits, and gives what is in flight a limited time to end. Runs inside of a feed's poll.
    func revoking(_ partitions: Set<TopicPartition>, feed: Int, lost: Bool) {
        var leaving: [Work] = []
        for case let work? in works where work.feed == feed && partitions.contains(work.record.topicPartition) {
            if lanes.remove(work.slot) {
                // Never attempted, or between two attempts: the next owner reads it again.
                if work.openSends == 0 { release(work) } else { leaving.append(work) }
            } else {
                leaving.append(work)
            }
        }
        if !lost { finish(leaving, within: settings.revokeDrain) }
        for work in leaving where works[work.slot] === work {
            work.isRevoked = true
            if !lanes.isInFlight(work.slot) { release(work) }
        }
    }

    /// Waits for attempts in flight and their acknowledgements, but not for further attempts.
    private func finish(_ leaving: [Work], within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        while leaving.contains(where: isEnding), ContinuousClock.now < deadline {
            pollOutbox()
            if takeCompletions() == 0 { _ = completions.wait(timeout: .milliseconds(5)) }
        }
        // What goes back to a lane for another attempt does not wait there.
        for work in leaving where works[work.slot] === work { lanes.remove(work.slot) }
    }

    private func isEnding(_ work: Work) -> Bool {
        works[work.slot] === work && (lanes.isInFlight(work.slot) || work.openSends > 0)
    }

    func noted(_ note: FeedNote, feed: Int) {
        reporter.noted(note, topic: feeds.indices.contains(feed) ? feeds[feed].topic : settings.topic)
    }
}
