import Synchronization

/// Knows for how long work has waited without anything being finished: a loop can go round and still get nowhere.
///
/// Safe to use from any thread.
package final class ProgressClock: Sendable {
    private let waitingSince = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    /// There is something to do. Counts from the first time since something was finished.
    package func workWaits(_ now: ContinuousClock.Instant = .now) {
        waitingSince.withLock { $0 = $0 ?? now }
    }

    /// Something was finished, or there is nothing to do, or what there is has to wait for others.
    package func advance() { waitingSince.withLock { $0 = nil } }

    /// How long work has waited; zero while there is none.
    package func waited(_ now: ContinuousClock.Instant = .now) -> Duration {
        waitingSince.withLock { $0.map { now - $0 } ?? .zero }
    }
}
