package import Time

/// Says when one more send is within a rate. A generic cell rate algorithm: one instant is all its state.
package struct TokenBucket: Sendable {
    private let interval: Duration
    private let tolerance: Duration
    /// When the bucket would be full again.
    private var fullAt: MonotonicTime

    package init(_ rate: Destination.Rate, now: MonotonicTime) {
        interval = rate.per / rate.count
        tolerance = interval * (rate.burst - 1)
        fullAt = now
    }

    /// The earliest instant at which `take` succeeds.
    package var nextToken: MonotonicTime { fullAt - tolerance }

    /// Takes a token if there is one.
    package mutating func take(_ now: MonotonicTime) -> Bool {
        guard nextToken <= now else { return false }
        fullAt = max(fullAt, now) + interval
        return true
    }
}
