internal import Lifecycle
package import Telemetry
package import Transfer

/// Takes finished spans from any thread and sends them to the collector on a thread of its own.
///
/// Nobody ever waits for it: what the queue has no room for is dropped and counted. Safe to use from any thread.
package final class Tracer: Sendable {
    /// The spans that wait at most; about 400 bytes each.
    static let queueLimit = 8_192
    /// What is put into the queue at once, so that a large transaction does not find it too small for all it has.
    static let pieceLimit = 512

    private let queue = Mailbox<Span>(capacity: Tracer.queueLimit)
    private let metrics: TracerMetrics
    private let exporter: SpanExporter
    private let thread: OSThread
    private let finished = Latch()
    /// Traces whose lower half is below this are recorded, as OpenTelemetry's `TraceIdRatioBased` does.
    private let bound: UInt64

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - resource: what the process says about itself, such as `service.name`.
    ///   - registry: gets the counts of what was sent and what was dropped.
    /// - Throws: where memory or descriptors are short.
    package init(
        _ settings: TraceSettings, resource: [(name: String, value: String)], registry: MetricsRegistry,
        log: Log = Log()
    ) throws(TransferFailure) {
        bound = settings.sampleRatio >= 1 ? 1 << 63 : UInt64(settings.sampleRatio * 0x1p63)
        metrics = TracerMetrics(registry)
        let (queue, finished) = (queue, finished)
        let exporter = try SpanExporter(settings, resource: resource, queue: queue, metrics: metrics, log: log)
        self.exporter = exporter
        thread = OSThread(name: "traces") {
            exporter.run()
            finished.open()
        }
    }

    deinit { queue.close() }

    /// Whether a new trace is recorded.
    package func records(_ trace: TraceID) -> Bool { trace.low & (1 << 63 - 1) < bound }

    /// Takes spans; never blocks for longer than an append.
    package func record(_ spans: [Span]) {
        var rest = spans[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.pieceLimit)
            if !queue.put(Array(piece)) { metrics.queueFull.increment(by: piece.count) }
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Counts spans that were given up before they came here.
    package func drop(_ count: Int) { metrics.queueFull.increment(by: count) }

    /// Sends what waits, as far as that is possible within `limit`, and ends the threads. What is recorded later is
    /// dropped.
    package func stop(within limit: Duration = .seconds(1)) {
        queue.close()
        if !finished.wait(timeout: limit) { exporter.giveUp() }
        thread.join()
    }
}

/// The counts of a tracer.
package struct TracerMetrics: Sendable {
    private static let exportedSpans = MetricDefinition.counter(
        "trace_spans_exported_total", unit: "spans", "Spans that the collector has taken.")
    private static let droppedSpans = MetricDefinition.counter(
        "trace_spans_dropped_total", unit: "spans",
        "Spans that were given up; reason is queue_full, unreachable (the collector did not answer) or refused.",
        labels: ["reason"])

    package static let definitions = [exportedSpans, droppedSpans]

    let exported: Counter
    let queueFull: Counter
    let unreachable: Counter
    let refused: Counter

    init(_ registry: MetricsRegistry) {
        exported = registry.counter(Self.exportedSpans)
        func dropped(_ reason: String) -> Counter { registry.counter(Self.droppedSpans, [reason]) }
        queueFull = dropped("queue_full")
        unreachable = dropped("unreachable")
        refused = dropped("refused")
    }
}
