import Telemetry
import Testing

@Suite struct MetricsRegistryTests {
    static func text(_ registry: MetricsRegistry) -> String {
        var bytes: [UInt8] = []
        registry.render(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func rendersEveryKind() {
        let registry = MetricsRegistry()
        registry.counter(
            "notificationhub_events_total", help: "Events \\ by\ntopic.", labels: [("topic", "a\"b\\c\nd")]
        )
        .increment(by: 3)
        registry.counter("notificationhub_events_total", help: "", labels: [("topic", "b")]).increment()
        registry.gauge("notificationhub_in_flight", help: "Now.").set(-1.5)
        registry.gauge("notificationhub_lag", help: "Asked for.", read: { 7 })
        let histogram = registry.histogram(
            "notificationhub_wait_seconds", help: "Waiting.", labels: [("channel", "sms")], bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 30] { histogram.observe(value) }
        #expect(
            Self.text(registry) == """
                # HELP notificationhub_events_total Events \\\\ by\\ntopic.
                # TYPE notificationhub_events_total counter
                notificationhub_events_total{topic="a\\"b\\\\c\\nd"} 3
                notificationhub_events_total{topic="b"} 1
                # HELP notificationhub_in_flight Now.
                # TYPE notificationhub_in_flight gauge
                notificationhub_in_flight -1.5
                # HELP notificationhub_lag Asked for.
                # TYPE notificationhub_lag gauge
                notificationhub_lag 7
                # HELP notificationhub_wait_seconds Waiting.
                # TYPE notificationhub_wait_seconds histogram
                notificationhub_wait_seconds_bucket{channel="sms",le="0.1"} 2
                notificationhub_wait_seconds_bucket{channel="sms",le="1"} 3
                notificationhub_wait_seconds_bucket{channel="sms",le="+Inf"} 4
                notificationhub_wait_seconds_sum{channel="sms"} 30.65
                notificationhub_wait_seconds_count{channel="sms"} 4

                """)
    }

    @Test func theSameNameAndLabelsAreTheSameHandle() {
        let registry = MetricsRegistry()
        let first = registry.counter("notificationhub_x_total", help: "X.", labels: [("a", "1")])
        let second = registry.counter("notificationhub_x_total", help: "X.", labels: [("a", "1")])
        #expect(first === second)
        #expect(registry.counter("notificationhub_x_total", help: "X.", labels: [("a", "2")]) !== first)
    }

    @Test func aClearedGaugeIsLeftOutUntilItIsSet() {
        let registry = MetricsRegistry()
        let gauge = registry.gauge("notificationhub_lag", help: "Lag.")
        gauge.clear()
        #expect(!Self.text(registry).contains("\nnotificationhub_lag "))
        gauge.set(5)
        gauge.add(-2)
        #expect(Self.text(registry).contains("\nnotificationhub_lag 3\n"))
    }

    @Test func theProcessKnowsItsCost() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry, version: "1.0")
        let lines = Self.text(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = Dictionary(
            lines.map { ($0.prefix { $0 != " " && $0 != "{" }, Double($0.split(separator: " ").last ?? "") ?? .nan) },
            uniquingKeysWith: { $1 })
        #expect(try #require(values["notificationhub_process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["notificationhub_process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["notificationhub_process_open_fds"]) >= 3)
        #expect(try #require(values["notificationhub_process_start_time_seconds"]) > 1_700_000_000)
        #expect(values["notificationhub_build_info"] == 1)
    }
}
