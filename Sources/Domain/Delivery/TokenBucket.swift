/// Says when one more send is within a rate. A generic cell rate algorithm: one instant is all its state.
package struct TokenBucket: Sendable {
    private let interval: Duration
    private let tolerance: Duration
    /// When the bucket would be full again.
    private var fullAt: ContinuousClock.Instant

    package init(_ rate: Destination.Rate, now: ContinuousClock.Instant) {
        interval = rate.per / rate.count
        tolerance = interval * (rate.burst - 1)
        fullAt = now
    }

    /// The earliest instant at which `take` succeeds.
    package var nextToken: ContinuousClock.Instant { fullAt - tolerance }

    /// Takes a token if there is one.
    package mutating func take(_ now: ContinuousClock.Instant) -> Bool {
        guard nextToken <= now else { return false }
        fullAt = max(fullAt, now) + interval
        return true
    }
}
