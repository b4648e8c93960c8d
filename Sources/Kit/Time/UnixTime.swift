import Glibc

/// A point in time as Kafka and the wire contract count it: milliseconds since 1970-01-01T00:00:00Z, no leap seconds.
///
/// For what is written down. Waiting and measuring use `MonotonicTime`, which never jumps.
public struct UnixTime: Sendable, Hashable, Comparable {
    /// Milliseconds since the epoch; negative before it.
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The wall clock's time. Pure code takes it as a parameter.
    public static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 { CivilTime.floorDivide(milliseconds, 1_000) }

    public static func < (left: UnixTime, right: UnixTime) -> Bool { left.milliseconds < right.milliseconds }

    /// This time and `duration`, to the millisecond; stops at the ends of what an `Int64` holds.
    public func adding(_ duration: Duration) -> UnixTime {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
        guard overflow else { return UnixTime(milliseconds: sum) }
        return UnixTime(milliseconds: duration < .zero ? .min : .max)
    }

    /// How long after `right` `left` is; negative when it is before.
    public static func - (left: UnixTime, right: UnixTime) -> Duration {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(right.milliseconds)
        guard overflow else { return .milliseconds(difference) }
        return .milliseconds(left < right ? Int64.min : Int64.max)
    }
}
