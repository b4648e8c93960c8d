/// Durations as configuration and topic names write them: a whole number and one unit.
public enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Reads `200ms`, `15s`, `5m`, `24h`, `7d` or `0`; nil for everything else, signs and fractions included.
    public static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let unit = String(text.utf8.dropFirst(digits.count))
        guard let unit, let scale = units.first(where: { $0.name == unit })?.milliseconds,
            let digits = String(digits), let count = Int64(digits)
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: scale)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// Writes a duration in the largest unit that says it exactly: `30s`, `5m`, `90s`, `1d`, and `0` for none.
    /// What is finer than a millisecond is cut off.
    public static func format(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        guard milliseconds != 0 else { return "0" }
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
