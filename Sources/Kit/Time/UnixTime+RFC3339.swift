extension UnixTime {
    /// Reads `2026-11-21T01:00:00.123Z` or with an offset such as `+02:00`; what is finer than a millisecond is cut off.
    ///
    /// `t` and `z` may be small. A leap second is taken as the first second of the next day.
    /// - Returns: nil when the text is anything else, or names no day of the calendar.
    package init?(rfc3339 text: UnsafeRawBufferPointer) {
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
    package init?(rfc3339 text: String) {
        var text = text
        guard let time = text.withUTF8({ UnixTime(rfc3339: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = time
    }

    /// Appends `2026-11-21T01:00:00.000Z`, always 24 bytes; times outside the years 0000 to 9999 become the nearest
    /// one inside.
    package func appendRFC3339(to output: inout [UInt8]) {
        let civil = CivilTime(secondsSinceEpoch: seconds)
        Self.append(civil.year, digits: 4, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(civil.month, digits: 2, to: &output)
        output.append(UInt8(ascii: "-"))
        Self.append(civil.day, digits: 2, to: &output)
        output.append(UInt8(ascii: "T"))
        Self.appendTimeOfDay(civil, to: &output)
        output.append(UInt8(ascii: "."))
        Self.append(CivilTime.floorModulo(milliseconds, 1_000), digits: 3, to: &output)
        output.append(UInt8(ascii: "Z"))
    }

    /// `2026-11-21T01:00:00.000Z`.
    package var rfc3339: String {
        var bytes: [UInt8] = []
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func appendTimeOfDay(_ civil: CivilTime, to output: inout [UInt8]) {
        append(civil.hour, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(civil.minute, digits: 2, to: &output)
        output.append(UInt8(ascii: ":"))
        append(civil.second, digits: 2, to: &output)
    }

    static func append(_ value: Int64, digits: Int, to output: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
