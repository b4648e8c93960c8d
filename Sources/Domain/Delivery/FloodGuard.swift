/// Holds exhausted transient failures back from the dead letter topic when they come too fast.
///
/// A total outage must not empty a topic into its dead letters; it is asked only while a destination's circuit is
/// open. Dead letters of this kind spend tokens: a `burst` of them at the start, then a `share` of a token for each
/// success, and one free every `refill`. Permanent failures never ask.
package struct FloodGuard: Sendable {
    package struct Policy: Sendable, Equatable {
        package var burst = 100
        package var share = 0.1
        package var refill: Duration = .seconds(60)

        package init() {}
    }

    private let policy: Policy
    private var tokens: Double
    private var refilledAt: ContinuousClock.Instant

    package init(_ policy: Policy = Policy(), now: ContinuousClock.Instant) {
        self.policy = policy
        tokens = Double(policy.burst)
        refilledAt = now
    }

    package mutating func succeeded() {
        tokens = min(tokens + policy.share, Double(policy.burst))
    }

    /// Whether one more exhausted record may become a dead letter; spends a token if so.
    package mutating func admit(_ now: ContinuousClock.Instant) -> Bool {
        refill(now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    private mutating func refill(_ now: ContinuousClock.Instant) {
        guard policy.refill > .zero, now > refilledAt else { return }
        let periods = ((now - refilledAt) / policy.refill).rounded(.down)
        guard periods >= 1 else { return }
        tokens = min(tokens + periods, Double(policy.burst))
        refilledAt += policy.refill * periods
    }
}
