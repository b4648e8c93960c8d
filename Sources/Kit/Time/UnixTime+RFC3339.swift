extension UnixTime {
    /// Reads `2026-11-21T01:00:00.123Z` or with an offset such as `+02:00`; what is finer than a millisecond is cut off.
    ///
    /// `t` and `z` may be small. A leap second is taken as the first second of the next day.
    /// - Returns: nil when the text is anything else, or names no day of the calendar.
    public init?(rfc3339 text: UnsafeRawBufferPointer) {
        var digits = DigitReader(text)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2), digits.skip("-"),
            let day = digits.number(2), digits.skip("T") || digits.skip("t"), let hour = digits.number(2),
            digits.skip(":"), let minute = digits.number(2), digits.skip(":"), let second = digits.number(2)
        else { return nil }
        var civil = CivilTime(year: year, month: month, day: day)
        (civil.hour, civil.minute, civil.second) = (hour, minute, second)
        guard civil.isValid, let fraction = digits.milliseconds(), let offset = digits.offset(), digits.isAtEnd
        else { return nil }
        let seconds = civil.secondsSinceEpoch - offset * 60
        if second == 60, seconds % 86_400 != 0 { return nil }
        self.init(milliseconds: seconds * 1_000 + fraction)
    }

    /// The same for a string.
    public init?(rfc3339 text: String) {
        var text = text
        guard let time = text.withUTF8({ UnixTime(rfc3339: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    /// The length of ``rfc3339``.
    public static let rfc3339Length = 24

    /// Writes `2026-11-21T01:00:00.000Z`, always ``rfc3339Length`` bytes; times outside the years 0000 to 9999 become
    /// the nearest one inside.
    public func writeRFC3339(to target: UnsafeMutablePointer<UInt8>) {
        let civil = CivilTime(secondsSinceEpoch: seconds)
        Self.write(civil.year, digits: 4, before: "-", to: target)
        Self.write(civil.month, digits: 2, before: "-", to: target + 5)
        Self.write(civil.day, digits: 2, before: "T", to: target + 8)
        Self.write(civil.hour, digits: 2, before: ":", to: target + 11)
        Self.write(civil.minute, digits: 2, before: ":", to: target + 14)
        Self.write(civil.second, digits: 2, before: ".", to: target + 17)
        Self.write(CivilTime.floorModulo(milliseconds, 1_000), digits: 3, before: "Z", to: target + 20)
    }

    /// `2026-11-21T01:00:00.000Z`.
    public var rfc3339: String {
        String(unsafeUninitializedCapacity: Self.rfc3339Length) { text in
            guard let base = text.baseAddress else { return 0 }
            writeRFC3339(to: base)
            return Self.rfc3339Length
        }
    }

    private static func write(
        _ value: Int64, digits: Int, before separator: Unicode.Scalar, to target: UnsafeMutablePointer<UInt8>
    ) {
        var rest = value
        for position in stride(from: digits - 1, through: 0, by: -1) {
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        target[digits] = UInt8(ascii: separator)
    }
}
