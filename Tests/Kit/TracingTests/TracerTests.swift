import Synchronization
import Telemetry
import TestKit
import Testing
import Tracing
import Transfer

struct TracerTests {
    /// Nobody listens there: the port belongs to a service that nobody runs any more.
    static let nowhere = "http://127.0.0.1:1/v1/traces"

    @Test func neverWaitsForACollectorThatIsAway() throws {
        let registry = MetricsRegistry()
        let tracer = try Tracer(
            TraceSettings(address: WebAddress(Self.nowhere)), resource: [], registry: registry,
            log: RecordingLog().log())
        tracer.record(Self.spans(20_000))
        tracer.stop(within: .milliseconds(300))
        let text = Self.render(registry)
        let dropped = Self.sum(text, "notificationhub_trace_spans_dropped_total")
        #expect(dropped == 20_000 && Self.sum(text, "notificationhub_trace_spans_exported_total") == 0)
        #expect(Self.sum(text, #"notificationhub_trace_spans_dropped_total{reason="queue_full"}"#) > 0)
    }

    @Test func recordsTheShareOfNewTraces() throws {
        var ids = SpanIDs(seed: 7)
        let traces = (0..<10_000).map { _ in ids.nextTrace() }
        for (ratio, range) in [(0.0, 0...0), (0.1, 800...1_200), (1.0, 10_000...10_000)] {
            let tracer = try Tracer(
                TraceSettings(address: WebAddress(Self.nowhere), sampleRatio: ratio), resource: [],
                registry: MetricsRegistry(), log: RecordingLog().log())
            #expect(range.contains(traces.count { tracer.records($0) }))
            tracer.stop()
        }
    }

    private static func spans(_ count: Int) -> [Span] {
        let scope = Span.Scope("process order.events", .consumer, [Span.Attribute("messaging.system", "kafka")])
        return (1...UInt64(count)).map {
            let context = SpanContext(trace: TraceID(high: 1, low: $0), span: $0, flags: 1)
            return Span(scope, context, parent: nil, start: 1, end: 2)
        }
    }

    private static func render(_ registry: MetricsRegistry) -> String {
        var text: [UInt8] = []
        registry.render(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func sum(_ text: String, _ name: String) -> Int {
        text.split(separator: "\n").filter { $0.hasPrefix(name) }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }
}
