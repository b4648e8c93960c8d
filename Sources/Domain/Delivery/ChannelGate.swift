package import Time

/// Stops a whole channel whose credentials are refused, and lets a single probe through now and then.
package struct ChannelGate: Sendable {
    package private(set) var isStopped = false
    private let probeEvery: Duration
    private var probeAt: MonotonicTime?

    /// - Parameter probeEvery: the time between two probes while it is stopped.
    package init(probeEvery: Duration = .seconds(60)) { self.probeEvery = probeEvery }

    /// When an attempt may start next; `nil` for at once.
    package func opensAt(_ now: MonotonicTime) -> MonotonicTime? {
        guard isStopped, let probeAt, probeAt > now else { return nil }
        return probeAt
    }

    /// An attempt starts. While stopped it is the probe, and the next one waits its time.
    package mutating func started(_ now: MonotonicTime) {
        if isStopped { probeAt = now + probeEvery }
    }

    /// The channel's credentials were refused. Returns whether that is news.
    package mutating func stop(_ now: MonotonicTime) -> Bool {
        let isNews = !isStopped
        isStopped = true
        if isNews { probeAt = now + probeEvery }
        return isNews
    }

    /// The channel works, or somebody says that it might. Returns whether it was stopped.
    package mutating func open() -> Bool {
        let wasStopped = isStopped
        isStopped = false
        probeAt = nil
        return wasStopped
    }
}
