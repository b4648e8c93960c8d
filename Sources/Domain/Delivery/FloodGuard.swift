package import Time

/// Holds exhausted transient failures back from the dead letter topic when they come too fast.
///
/// A total outage must not empty a topic into its dead letters. Dead letters of this kind spend tokens: a `burst` of
/// them at the start, then a `share` of a token for each success, and one free every `refill`, up to `burst`. Permanent
/// failures never ask.
package struct FloodGuard: Sendable {
    package struct Policy: Sendable, Equatable {
        package var burst = 100
        package var share = 0.1
        package var refill: Duration = .seconds(60)

        package init() {}
    }

    private static let whole = 1_000_000

    private let policy: Policy
    private let share: Int
    /// In millionths of a token, which add up exactly.
    private var tokens: Int
    private var refilledAt: MonotonicTime

    package init(_ policy: Policy = Policy(), now: MonotonicTime) {
        self.policy = policy
        share = Int((policy.share * Double(Self.whole)).rounded())
        tokens = policy.burst * Self.whole
        refilledAt = now
    }

    package mutating func succeeded() {
        tokens = min(tokens + share, policy.burst * Self.whole)
    }

    /// Whether one more exhausted record may become a dead letter; spends a token if so.
    package mutating func admit(_ now: MonotonicTime) -> Bool {
        refill(now)
        guard tokens >= Self.whole else { return false }
        tokens -= Self.whole
        return true
    }

    private mutating func refill(_ now: MonotonicTime) {
        guard policy.refill > .zero, now > refilledAt else { return }
        let periods = Int(min(((now - refilledAt) / policy.refill).rounded(.down), 1e9))
        guard periods >= 1 else { return }
        tokens = min(tokens + min(periods, policy.burst) * Self.whole, policy.burst * Self.whole)
        refilledAt += policy.refill * periods
    }
}
