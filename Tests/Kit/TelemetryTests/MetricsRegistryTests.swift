import Synchronization
import Telemetry
import Testing

@Suite struct MetricsRegistryTests {
    static func text(_ registry: MetricsRegistry) -> String {
        var bytes: [UInt8] = []
        registry.render(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static let plain = MetricDefinition.counter("x_total", unit: "things", "X.")
    static let lag = MetricDefinition.gauge("lag", unit: "records", "Lag.", labels: ["topic", "partition"])

    @Test func rendersEveryKind() {
        let registry = MetricsRegistry()
        let events = MetricDefinition.counter(
            "events_total", unit: "events", "Events \\ by\ntopic.", labels: ["topic"])
        registry.counter(events, ["a\"b\\c\nd"]).increment(by: 3)
        registry.counter(events, ["b"]).increment()
        registry.gauge(.gauge("in_flight", unit: "attempts", "Now.")).set(-1.5)
        registry.read(.gauge("age_seconds", unit: "seconds", "Asked for.")) { 7 }
        registry.read(.gauge("unknown", unit: "1", "Not known.")) { .nan }
        registry.collect(Self.lag) { add in
            add(["t", "0"], 5)
            add(["t", "1"], 0)
        }
        let histogram = registry.histogram(
            .histogram("wait_seconds", unit: "seconds", "Waiting.", labels: ["channel"], bounds: [0.1, 1]), ["sms"])
        for value in [0.05, 0.1, 0.5] { histogram.observe(value) }
        histogram.observe(30, times: 2)
        #expect(
            Self.text(registry) == """
                # HELP notificationhub_events_total Events \\\\ by\\ntopic.
                # TYPE notificationhub_events_total counter
                notificationhub_events_total{topic="a\\"b\\\\c\\nd"} 3
                notificationhub_events_total{topic="b"} 1
                # HELP notificationhub_in_flight Now.
                # TYPE notificationhub_in_flight gauge
                notificationhub_in_flight -1.5
                # HELP notificationhub_age_seconds Asked for.
                # TYPE notificationhub_age_seconds gauge
                notificationhub_age_seconds 7
                # HELP notificationhub_unknown Not known.
                # TYPE notificationhub_unknown gauge
                # HELP notificationhub_lag Lag.
                # TYPE notificationhub_lag gauge
                notificationhub_lag{topic="t",partition="0"} 5
                notificationhub_lag{topic="t",partition="1"} 0
                # HELP notificationhub_wait_seconds Waiting.
                # TYPE notificationhub_wait_seconds histogram
                notificationhub_wait_seconds_bucket{channel="sms",le="0.1"} 2
                notificationhub_wait_seconds_bucket{channel="sms",le="1"} 3
                notificationhub_wait_seconds_bucket{channel="sms",le="+Inf"} 5
                notificationhub_wait_seconds_sum{channel="sms"} 60.65
                notificationhub_wait_seconds_count{channel="sms"} 5

                """)
    }

    @Test func theSameDefinitionAndValuesAreTheSameHandle() {
        let registry = MetricsRegistry()
        let definition = MetricDefinition.counter("x_total", unit: "things", "X.", labels: ["a"])
        let first = registry.counter(definition, ["1"])
        #expect(registry.counter(definition, ["1"]) === first)
        #expect(registry.counter(definition, ["2"]) !== first)
    }

    @Test func moreDifferentValuesThanTheBoundAreOneSample() {
        let registry = MetricsRegistry()
        let definition = MetricDefinition.counter("x_total", unit: "things", "X.", labels: ["a", "b", "c"])
        let counters = LabeledMetrics(counters: definition, in: registry, fixed: ["fix"], maximum: 2)
        #expect(Self.text(registry).hasSuffix("# TYPE notificationhub_x_total counter\n"))
        for value in ["1", "2", "3", "4", "2"] { counters[value, "b"].increment() }
        let samples = Self.text(registry).split(separator: "\n").dropFirst(2)
        #expect(
            Array(samples) == [
                #"notificationhub_x_total{a="fix",b="1",c="b"} 1"#, #"notificationhub_x_total{a="fix",b="2",c="b"} 2"#,
                #"notificationhub_x_total{a="fix",b="other",c="other"} 2"#,
            ])
    }

    @Test func gaugesThatShareASampleShowTheLargestOfEachRound() {
        let registry = MetricsRegistry()
        let definition = MetricDefinition.gauge("x", unit: "things", "X.", labels: ["a"])
        let gauges = LabeledMetrics(gauges: definition, in: registry, maximum: 1)
        let shown = { ["own", "other"].map { registry.gauge(definition, [$0]).current } }
        let rounds: [(values: [Double], shown: [Double])] = [([1, 0, 1, 0], [1, 1]), ([0, 0, 0.5, 0], [0, 0.5])]
        for round in rounds + [([0, 0, 0, 0], [0, 0])] {
            gauges.set(zip(["own", "a", "b", "c"], round.values).lazy.map { (name: $0, value: $1) })
            #expect(shown() == round.shown)
        }
    }

    @Test func theDocumentHasARowForEachDefinition() {
        let page = MetricsDocument.render(introduction: "About.", [.init("All", [Self.plain, Self.lag])])
        #expect(
            page == """
                # Metrics

                About.

                ## All

                | name | type | labels | meaning | unit |
                |---|---|---|---|---|
                | `notificationhub_x_total` | counter |  | X. | things |
                | `notificationhub_lag` | gauge | `topic`, `partition` | Lag. | records |

                """)
    }

    @Test func theProcessKnowsItsCost() throws {
        let registry = MetricsRegistry()
        let isReady = Mutex(false)
        ProcessMetrics.register(
            in: registry, version: "1.0", waited: { .milliseconds(1500) },
            isReady: { isReady.withLock { $0 } ? .healthy : .unhealthy("starting") })
        let lines = Self.text(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = Dictionary(
            lines.map { ($0.prefix { $0 != " " && $0 != "{" }, Double($0.split(separator: " ").last ?? "") ?? .nan) },
            uniquingKeysWith: { $1 })
        #expect(try #require(values["notificationhub_process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["notificationhub_process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["notificationhub_process_open_fds"]) >= 3)
        #expect(try #require(values["notificationhub_process_start_time_seconds"]) > 1_700_000_000)
        #expect(values["notificationhub_build_info"] == 1)
        #expect(values["notificationhub_stalled_seconds"] == 1.5)
        #expect(values["notificationhub_ready"] == 0)
        isReady.withLock { $0 = true }
        #expect(Self.text(registry).contains("\nnotificationhub_ready 1\n"))
    }
}
