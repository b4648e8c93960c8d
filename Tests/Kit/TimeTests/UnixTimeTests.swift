import Testing
import Time

@Suite struct UnixTimeTests {
    static let valid: [(text: String, milliseconds: Int64, canonical: String)] = [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000Z"),
        ("2026-11-21T01:02:03.456Z", 1_795_222_923_456, "2026-11-21T01:02:03.456Z"),
        ("2026-11-21t03:02:03.4569999+02:00", 1_795_222_923_456, "2026-11-21T01:02:03.456Z"),
        ("2026-11-20T20:32:03.5-04:30", 1_795_222_923_500, "2026-11-21T01:02:03.500Z"),
        ("1969-12-31T23:59:59.999z", -1, "1969-12-31T23:59:59.999Z"),
        ("2000-02-29T00:00:00Z", 951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000, "2017-01-01T00:00:00.000Z"),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ]

    @Test(arguments: valid)
    func readsAndWritesRFC3339(text: String, milliseconds: Int64, canonical: String) {
        let time = UnixTime(rfc3339: text)
        #expect(time?.milliseconds == milliseconds)
        #expect(time?.rfc3339 == canonical)
    }

    static let invalid: [String] = [
        "", "2026-11-21", "2026-11-21T01:02:03", "2026-11-21 01:02:03Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T12:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00Z ", "+026-01-01T00:00:00Z", "1795222923456", "2026-01-01T00:00:00+0100",
    ]

    @Test(arguments: invalid)
    func refusesWhatIsNoRFC3339(text: String) {
        #expect(UnixTime(rfc3339: text) == nil)
    }

    @Test func everyDayOfEightCenturiesComesBack() {
        for day in -146_097...146_097 {
            let time = UnixTime(milliseconds: Int64(day) * 86_400_000)
            guard UnixTime(rfc3339: time.rfc3339) == time else {
                Issue.record("day \(day) became \(time.rfc3339)")
                return
            }
        }
    }

    @Test func textOfTimesOutsideTheCalendarStaysInsideIt() {
        #expect(UnixTime(milliseconds: .max).rfc3339.hasPrefix("9999-12-31T23:59:59"))
        #expect(UnixTime(milliseconds: .min).rfc3339.hasPrefix("0000-01-01T00:00:00"))
    }

    @Test func arithmeticStopsAtTheEnds() {
        #expect(UnixTime(milliseconds: 1_000).adding(.milliseconds(500)).milliseconds == 1_500)
        #expect(UnixTime(milliseconds: .max).adding(.seconds(1)).milliseconds == .max)
        #expect(UnixTime(milliseconds: .min).adding(.seconds(-1)).milliseconds == .min)
        #expect(UnixTime(milliseconds: 5_000) - UnixTime(milliseconds: 6_500) == .milliseconds(-1_500))
        #expect(UnixTime(milliseconds: -1).seconds == -1)
    }

    static let dates: [(text: String, seconds: Int64)] = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777),
        ("Wednesday, 01-Jan-31 00:00:00 GMT", 1_924_992_000),
        ("Sat, 21 Nov 2026 01:02:03 GMT", 1_795_222_923),
    ]

    @Test(arguments: dates)
    func readsTheThreeDatesOfHTTP(text: String, seconds: Int64) {
        #expect(UnixTime(httpDate: text)?.seconds == seconds)
    }

    static let noDates: [String] = [
        "", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
    ]

    @Test(arguments: noDates)
    func refusesOtherDates(text: String) {
        #expect(UnixTime(httpDate: text) == nil)
    }

    @Test func writesTheDateOfAMail() {
        #expect(UnixTime(milliseconds: 784_111_777_000).rfc5322 == "Sun, 06 Nov 1994 08:49:37 +0000")
        #expect(UnixTime(milliseconds: 1_795_222_923_456).rfc5322 == "Sat, 21 Nov 2026 01:02:03 +0000")
        #expect(UnixTime(milliseconds: -1).rfc5322 == "Wed, 31 Dec 1969 23:59:59 +0000")
    }
}
