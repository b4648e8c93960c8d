package import Time

/// Since when a partition is behind, told from what was read of it: the next record was written after the last one that
/// was read, and after the last moment at which there was no next one.
package struct LagAge: Sendable {
    private var lowerBound: UnixTime?
    private let assignedAt: UnixTime

    package init(assignedAt: UnixTime) { self.assignedAt = assignedAt }

    /// A record was read.
    /// - Parameter timestamp: milliseconds since the epoch; negative where the record has none.
    package mutating func read(timestamp: Int64) {
        if timestamp >= 0 { lowerBound = UnixTime(milliseconds: timestamp) }
    }

    /// - Parameter lag: records that were not read.
    /// - Returns: how long ago the first of them was written, at most. Before anything was read it is the time since the
    ///   partition was assigned.
    package mutating func age(lag: Int64, now: UnixTime) -> Duration {
        guard lag > 0 else {
            lowerBound = max(lowerBound ?? now, now)
            return .zero
        }
        return max(.zero, now - (lowerBound ?? assignedAt))
    }
}
