import Synchronization
package import Time

/// A clock that moves only when the test says so; for code that takes the time as a parameter or a closure.
///
/// Safe to use from any thread.
package final class ManualClock: Sendable {
    private struct Reading {
        var wall: UnixTime
        var instant: ContinuousClock.Instant
        var monotonic: MonotonicTime
    }

    private let reading: Mutex<Reading>

    /// - Parameter wall: where the wall clock starts; 2026-01-01T00:00:00Z unless told.
    package init(wall: UnixTime = UnixTime(milliseconds: 1_767_225_600_000)) {
        reading = Mutex(Reading(wall: wall, instant: ContinuousClock.now, monotonic: MonotonicTime.now))
    }

    /// The wall clock.
    package var now: UnixTime { reading.withLock { $0.wall } }

    /// The monotonic clock, in each of its two types.
    package var instant: ContinuousClock.Instant { reading.withLock { $0.instant } }
    package var monotonic: MonotonicTime { reading.withLock { $0.monotonic } }

    /// Moves both clocks.
    package func advance(by duration: Duration) {
        reading.withLock {
            $0.wall = $0.wall.adding(duration)
            $0.instant = $0.instant.advanced(by: duration)
            $0.monotonic += duration
        }
    }

    /// Sets the wall clock alone, as an administrator or NTP does.
    package func setWall(_ time: UnixTime) {
        reading.withLock { $0.wall = time }
    }
}
