/// Lets the same line through ten times in ten seconds and counts the rest.
struct RepeatLimit {
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
    static let maximumKeys = 512

    private struct Window {
        var start: ContinuousClock.Instant
        var count = 0
        var heldBack = 0
    }

    private var windows: [String: Window] = [:]

    /// - Returns: nil when the line is held back.
    mutating func admit(_ key: String, now: ContinuousClock.Instant) -> Verdict? {
        if windows.count >= Self.maximumKeys, windows[key] == nil { windows.removeAll() }
        var window = windows[key] ?? Window(start: now)
        defer { windows[key] = window }
        if now - window.start >= Self.window { window = Window(start: now, heldBack: window.heldBack) }
        guard window.count < Self.admitted else {
            window.heldBack += 1
            return nil
        }
        window.count += 1
        defer { window.heldBack = 0 }
        return Verdict(heldBack: window.heldBack, isLast: window.count == Self.admitted)
    }
}
