package import Notifications

/// What one attempt came to. A channel says it; the engine decides what follows.
package enum Outcome: Sendable, Equatable {
    /// Acknowledged by the destination.
    case delivered(Receipt)
    /// Failed in a way that may pass. `after` is a floor that the destination asked for (`Retry-After`).
    case retry(Failure, after: Duration?)
    /// Failed for good: a dead letter of that class.
    case rejected(Failure, DeadLetterClass)
    /// The destination wants nothing any more (410, `webhook-delivery: disable`): dead letter, endpoint closed.
    case closeEndpoint(Failure)
    /// The channel itself cannot send (bad credentials): sending stops, nothing is dead-lettered, no attempt counts.
    case stopChannel(Failure)
    /// Perhaps delivered: what follows is the channel's policy `on_ambiguous`. `after` is as for `retry`, where the
    /// policy is to try again; nil where no answer came that could ask for it.
    case ambiguous(Failure, after: Duration? = nil)
    /// The recipient does not want it: final, no dead letter.
    case suppressed(Failure)
}
