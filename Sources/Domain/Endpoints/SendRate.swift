internal import Time

/// So many sends in a span of time, as configuration gives it: `50/s`, `100/m`, `1/10s`.
package struct SendRate: Sendable, Equatable {
    /// At least one.
    package let count: Int
    /// Longer than zero.
    package let per: Duration

    /// - Returns: nil for anything but a whole number, a slash, and a unit or a duration.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            let count = Int(parts[0]), (1...1_000_000).contains(count)
        else { return nil }
        let span = parts[1].utf8.first.map { $0 &- UInt8(ascii: "0") < 10 } == true ? String(parts[1]) : "1\(parts[1])"
        guard let per = DurationText.parse(span), per > .zero else { return nil }
        self.count = count
        self.per = per
    }
}
