/// Lets the same line through ten times in ten seconds and counts the rest.
struct RepeatLimit {
    /// What makes lines the same.
    struct Line: Hashable {
        let level: Log.Level
        let event: String
        let message: String
    }

    /// What may be written, and what to say about the lines that were not.
    struct Verdict: Equatable {
        /// How many were held back before this one.
        var heldBack: Int
        /// Whether the next ones are held back.
        var isLast: Bool
    }

    static let window: Duration = .seconds(10)
    static let admitted = 10
    /// More different lines than this at a time and the counting starts anew: memory stays bounded.
    static let maximumLines = 512

    private struct Window {
        var start: ContinuousClock.Instant
        var count = 0
        var heldBack = 0
    }

    private var windows: [Line: Window] = [:]
    /// No window that holds lines back is over before.
    private var nextEnd: ContinuousClock.Instant?

    /// - Returns: nil when the line is held back.
    mutating func admit(_ line: Line, now: ContinuousClock.Instant) -> Verdict? {
        var window = windows[line] ?? Window(start: now)
        defer { windows[line] = window }
        if now - window.start >= Self.window { window = Window(start: now, heldBack: window.heldBack) }
        guard window.count < Self.admitted else {
            window.heldBack += 1
            nextEnd = min(nextEnd ?? window.start + Self.window, window.start + Self.window)
            return nil
        }
        window.count += 1
        defer { window.heldBack = 0 }
        return Verdict(heldBack: window.heldBack, isLast: window.count == Self.admitted)
    }

    /// The lines that were held back and that nothing will tell of any more: their window is over, or there are too many.
    /// - Parameter current: a line that is about to be admitted, and tells of itself.
    mutating func finished(_ now: ContinuousClock.Instant, beside current: Line) -> [(line: Line, heldBack: Int)] {
        let isFull = windows.count >= Self.maximumLines && windows[current] == nil
        let isOver = nextEnd.map { $0 <= now } ?? false
        guard isFull || isOver else { return [] }
        let ended = windows.filter { line, window in
            line != current && (isFull || now - window.start >= Self.window)
        }
        for line in ended.keys { windows[line] = nil }
        nextEnd = windows.values.filter { $0.heldBack > 0 }.map { $0.start + Self.window }.min()
        return ended.filter { $0.value.heldBack > 0 }.map { ($0.key, $0.value.heldBack) }
    }
}
