extension UnixTime {
    private static let rfc5322Length = 31

    /// The date of a mail header, in UTC: `Sat, 21 Nov 2026 03:00:00 +0000`.
    public var rfc5322: String {
        let civil = CivilTime(secondsSinceEpoch: seconds)
        let (dayName, month) = (CivilTime.dayNames[civil.dayOfWeek], CivilTime.monthNames[Int(civil.month) - 1])
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.rfc3339Length) { digits in
            guard let base = digits.baseAddress else { return "" }
            writeRFC3339(to: base)
            return String(unsafeUninitializedCapacity: Self.rfc5322Length) { text in
                var end = 0
                func append(_ bytes: some Sequence<UInt8>) {
                    for byte in bytes {
                        text[end] = byte
                        end += 1
                    }
                }
                append(dayName.utf8)
                append(", ".utf8)
                append(digits[8..<10])
                append(" ".utf8)
                append(month.utf8)
                append(" ".utf8)
                append(digits[0..<4])
                append(" ".utf8)
                append(digits[11..<19])
                append(" +0000".utf8)
                return end
            }
        }
    }

    /// Reads a date of HTTP, as in `Retry-After`, in any of the three forms a recipient must accept:
    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
    ///
    /// The name of the day is not checked against the date. Two digits of a year mean 1970 to 2069.
    public init?(httpDate text: String) {
        var text = text
        let civil = text.withUTF8 { bytes -> CivilTime? in
            var reader = DigitReader(UnsafeRawBufferPointer(bytes))
            guard reader.index(in: CivilTime.dayNames) != nil else { return nil }
            if reader.skip(text: ", ") { return Self.fixedDate(&reader) }
            if reader.skip(" ") { return Self.asctimeDate(&reader) }
            return Self.longDayDate(&reader)
        }
        guard let civil, civil.isValid, civil.second < 60 else { return nil }
        self.init(milliseconds: civil.secondsSinceEpoch * 1_000)
    }

    private static func fixedDate(_ reader: inout DigitReader) -> CivilTime? {
        guard let day = reader.number(2), reader.skip(" "), let month = reader.index(in: CivilTime.monthNames),
            reader.skip(" "), let year = reader.number(4), reader.skip(" ")
        else { return nil }
        var civil = CivilTime(year: year, month: Int64(month) + 1, day: day)
        return timeOfDay(&reader, into: &civil) && reader.skip(text: " GMT") && reader.isAtEnd ? civil : nil
    }

    private static func longDayDate(_ reader: inout DigitReader) -> CivilTime? {
        guard reader.index(in: ["day", "sday", "nesday", "rsday", "urday"]) != nil, reader.skip(text: ", "),
            let day = reader.number(2), reader.skip("-"), let month = reader.index(in: CivilTime.monthNames),
            reader.skip("-"), let year = reader.number(2), reader.skip(" ")
        else { return nil }
        var civil = CivilTime(year: year < 70 ? 2_000 + year : 1_900 + year, month: Int64(month) + 1, day: day)
        return timeOfDay(&reader, into: &civil) && reader.skip(text: " GMT") && reader.isAtEnd ? civil : nil
    }

    private static func asctimeDate(_ reader: inout DigitReader) -> CivilTime? {
        guard let month = reader.index(in: CivilTime.monthNames), reader.skip(" "),
            let day = reader.skip(" ") ? reader.number(1) : reader.number(2), reader.skip(" ")
        else { return nil }
        var civil = CivilTime(year: 0, month: Int64(month) + 1, day: day)
        guard timeOfDay(&reader, into: &civil), reader.skip(" "), let year = reader.number(4), reader.isAtEnd
        else { return nil }
        civil.year = year
        return civil
    }

    private static func timeOfDay(_ reader: inout DigitReader, into civil: inout CivilTime) -> Bool {
        guard let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2)
        else { return false }
        (civil.hour, civil.minute, civil.second) = (hour, minute, second)
        return true
    }
}
