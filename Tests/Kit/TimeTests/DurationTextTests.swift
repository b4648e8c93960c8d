import Testing
import Time

@Suite struct DurationTextTests {
    static let durations: [(text: String, duration: Duration, canonical: String)] = [
        ("0", .zero, "0"), ("0s", .zero, "0"), ("200ms", .milliseconds(200), "200ms"), ("15s", .seconds(15), "15s"),
        ("90s", .seconds(90), "90s"), ("300s", .seconds(300), "5m"), ("1500ms", .milliseconds(1_500), "1500ms"),
        ("30m", .minutes(30), "30m"), ("24h", .hours(24), "1d"), ("7d", .days(7), "7d"),
    ]

    @Test(arguments: durations)
    func readsAndWrites(text: String, duration: Duration, canonical: String) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.format(duration) == canonical)
    }

    static let refused: [String] = [
        "", "s", "5", "-5s", "1.5s", "5 s", "5S", "1h30m", "９s", "9999999999999999999s", "9223372036854775807d",
    ]

    @Test(arguments: refused)
    func refusesTheRest(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func measuresInMillisecondsAndSeconds() {
        #expect(Duration.milliseconds(1_999).milliseconds == 1_999)
        #expect(Duration.nanoseconds(-1_500_000).milliseconds == -1)
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
        #expect(Duration.milliseconds(250).seconds == 0.25)
    }
}
