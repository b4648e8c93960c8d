import Testing

@testable import Control

struct WatchViewTests {
    private static let start = ContinuousClock.now

    private static func sample(
        _ name: String, _ state: ProcessSample.State = .ready, _ metrics: String? = nil, after: Duration = .zero
    ) -> ProcessSample {
        ProcessSample(name: name, state: state, metrics: metrics.map(MetricsText.init), at: start + after)
    }

    private static let before = """
        # HELP notificationhub_core_records_consumed_total Input records.
        notificationhub_core_records_consumed_total{topic="a"} 1000
        notificationhub_core_records_consumed_total{topic="b } {"} 500
        notificationhub_lag_records{topic="a",partition="0"} 7
        notificationhub_lag_records{topic="a",partition="1"} 5
        """
    private static let after = before.replacing(" 1000", with: " 3000").replacing(" 500", with: " 1.1e3")

    @Test func sumsSeriesAndReckonsRates() {
        let (first, second) = (
            Self.sample("core", .ready, Self.before), Self.sample("core", .ready, Self.after, after: .seconds(2))
        )
        let values = WatchColumn.all.map { $0.value(second, since: first) }
        #expect(values[0] == 1300 && values[1] == nil && values[2] == 12)
        #expect(WatchColumn.all[0].value(second, since: nil) == nil)
        // A counter that went back belongs to a new process.
        #expect(WatchColumn.all[0].value(first, since: second) == nil)
    }

    @Test func readsWhatPrometheusAllows() {
        let text = MetricsText("a 1\nb{x=\"1\"} 2 1700000000\nb{x=\"2\"} +Inf\nbroken\nc{ 1\n# a 5\n\nd NaN\n")
        #expect(text.sum("a") == 1 && text.sum("b", label: #"x="1""#) == 2 && text.maximum("b") == .infinity)
        #expect(text.sum("broken") == nil && text.sum("none") == nil)
    }

    @Test(arguments: [10, 20, 40, 60, 80, 200], [2, 4, 24])
    func fitsEveryTerminal(columns: Int, rows: Int) {
        let samples = (0..<5).map { Self.sample("process-\($0)", $0 == 3 ? .down : .ready, Self.after) }
        let lines = WatchView(samples: samples, earlier: samples).lines(columns: columns, rows: rows)
        #expect(lines.count <= rows && lines.allSatisfy { $0.count <= columns })
        #expect(rows > 5 || columns < 16 || lines[1].contains("down"))
        #expect(columns < 40 || lines[0].contains("LAG"))
        #expect(columns < 80 || lines[0].contains("DEAD"))
    }

    @Test(arguments: [(3, 0), (5, 0), (6, 1), (7, 2), (24, 2)])
    func saysBelowTheTableWhySomeAreNotReady(rows: Int, reasons: Int) {
        var samples = (0..<3).map { Self.sample("process-\($0)", $0 == 2 ? .ready : .waiting, Self.after) }
        for index in 0..<2 { samples[index].reason = "no broker is connected" }
        let lines = WatchView(samples: samples, earlier: []).lines(columns: 20, rows: rows)
        #expect(lines.count <= rows && lines.count { $0.hasSuffix(": no broker") } == reasons)
    }

    @Test func wrapsWhatIsWrong() {
        let text = "webhook-consumer: Kafka does not answer at kafka-bootstrap.kafka:9093"
        #expect(
            WatchView.wrapped(text, 40) == [
                "webhook-consumer: Kafka does not answer", "  at kafka-bootstrap.kafka:9093",
            ])
        #expect(WatchView.wrapped("a: 0123456789abcdef", 10) == ["a:", "0123456789", "abcdef"])
        #expect(WatchView.wrapped(text, 1).joined() == text.filter { $0 != " " })
    }

    static let numbers: [(Double, String)] = [
        (0, "0"), (0.44, "0.4"), (1, "1"), (9.94, "9.9"), (9.96, "10"), (999.4, "999"), (999.6, "1.0k"),
        (9_940, "9.9k"), (12_345, "12k"), (999_600, "1.0M"), (5_100_000, "5.1M"), (123_000_000, "123M"),
        (.infinity, "many"), (-3, "-3"),
    ]

    @Test(arguments: numbers)
    func threeDigitsAreEnough(value: Double, text: String) { #expect(WatchView.number(value) == text) }
}
