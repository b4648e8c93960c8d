import Glibc

/// A point in time for waiting and measuring: never jumps, goes on while the machine sleeps, means nothing elsewhere.
///
/// The clock is `ContinuousClock`'s. Its instant is a type whose size the compiler does not know, so that everything
/// that holds one is copied through run-time metadata; this one is two words.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Since the clock began, which is when the machine started.
    @usableFromInline let elapsed: Duration

    @usableFromInline init(elapsed: Duration) { self.elapsed = elapsed }

    /// The clock's time. Pure code takes it as a parameter.
    public static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return MonotonicTime(elapsed: .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec)))
    }

    @inlinable public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.elapsed < right.elapsed }

    @inlinable public static func + (left: MonotonicTime, right: Duration) -> MonotonicTime {
        MonotonicTime(elapsed: left.elapsed + right)
    }

    @inlinable public static func += (left: inout MonotonicTime, right: Duration) { left = left + right }

    @inlinable public static func - (left: MonotonicTime, right: Duration) -> MonotonicTime {
        MonotonicTime(elapsed: left.elapsed - right)
    }

    /// How long after `right` `left` is; negative when it is before.
    @inlinable public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        left.elapsed - right.elapsed
    }
}
