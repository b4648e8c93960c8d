package import Time

/// The wall clock as rests in a retry topic are measured by it: a step forward, by an administrator or NTP, counts
/// only once every record that was written before it has rested.
///
/// Without this an hour's step would make a whole topic due at once. A step back needs no help: what was written
/// before it counts as written now. A plain value without clock of its own; not for use by two threads at once.
package struct RestClock: Sendable {
    /// Apart from steps the two clocks differ by less between two readings.
    private static let tolerance: Duration = .milliseconds(100)

    private let rest: Duration
    private var last: (wall: UnixTime, instant: MonotonicTime)
    /// How far the wall clock has stepped forward, and until when that is taken back.
    private var step: (length: Duration, until: MonotonicTime)?

    /// Starts with a reading of both clocks, before the first record can be read: a step between the two counts, too.
    ///
    /// - Parameter rest: how long records rest.
    package init(rest: Duration, wall: UnixTime, at instant: MonotonicTime) {
        self.rest = rest
        last = (wall, instant)
    }

    /// The time to compare rests with, for a reading of both clocks.
    package mutating func time(_ wall: UnixTime, at instant: MonotonicTime) -> UnixTime {
        let length = (wall - last.wall) - (instant - last.instant)
        if length > Self.tolerance {
            step = ((step?.length ?? .zero) + length, instant + rest)
        } else if length < .zero - Self.tolerance, let step {
            self.step = (max(.zero, step.length + length), step.until)
        }
        last = (wall, instant)
        if let step, step.until <= instant { self.step = nil }
        return wall.adding(.zero - (step?.length ?? .zero))
    }
}
