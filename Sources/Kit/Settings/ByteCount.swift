/// Sizes as configuration writes them: a whole number of bytes, or of a binary unit.
package enum ByteCount {
    private static let units: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1),
    ]

    /// Reads `512`, `64KiB`, `1MiB`; nil for everything else.
    package static func parse(_ text: String) -> Int? {
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let unit = String(text.utf8.dropFirst(digits.count))
        guard let unit, let scale = units.first(where: { $0.name == unit })?.bytes, let digits = String(digits),
            let count = Int(digits)
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: scale)
        return overflow ? nil : bytes
    }

    /// Writes the largest unit that says it exactly.
    package static func format(_ count: Int) -> String {
        guard count > 0, let unit = units.dropLast(2).first(where: { count % $0.bytes == 0 }) else { return "\(count)" }
        return "\(count / unit.bytes)\(unit.name)"
    }
}
