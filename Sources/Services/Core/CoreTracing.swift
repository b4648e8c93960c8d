internal import Kafka
internal import Notifications
internal import Tracing

/// The traces of the events: a context in every outgoing record, and spans where a collector is configured.
///
/// Of a sampled event there is a span `process`, the parent of a span `send` for each of its notifications; the span
/// `commit` of the transaction links to what it committed. Spans of an aborted transaction are forgotten, as all else
/// of it is. Owner thread only; without a collector nothing is asked of the clock or kept.
final class CoreTracing {
    /// Spans of one transaction that are kept; the rest is dropped and counted.
    private static let spanLimit = 4_096
    /// OpenTelemetry's own limit of links.
    private static let linkLimit = 128

    private let tracer: Tracer?
    private let processing: [Span.Scope]
    private let sending: [ChannelName: Span.Scope]
    private let rejecting: Span.Scope
    private let committing: Span.Scope
    private var ids = SpanIDs()
    private var header = Traceparent()
    private var event: RecordedEvent?
    private var arrivedAt: UInt64 = 0

    private var spans: [Span] = []
    private var dropped = 0
    private var links: [SpanContext] = []
    private var droppedLinks = 0
    private var commit: (start: UInt64, records: Int)?

    /// The sampled event under way.
    private struct RecordedEvent {
        let context: SpanContext
        let parent: Span.Parent?
        let tracestate: String?
        let scope: Span.Scope
        let attributes: [Span.Attribute]
        let start: UInt64
    }

    /// The headers of W3C Trace Context that an event came with.
    struct Headers {
        var traceparent: UnsafeRawBufferPointer?
        var tracestate: UnsafeRawBufferPointer?

        mutating func take(_ header: BorrowedHeader) {
            if WireHeader.traceparent.matches(header.name) { traceparent = header.value }
            if WireHeader.tracestate.matches(header.name) { tracestate = header.value }
        }
    }

    /// - Parameter tracer: nil where no collector is configured.
    init(_ settings: CoreSettings, tracer: Tracer?) {
        self.tracer = tracer
        processing = settings.inputs.map { .processing($0, group: settings.group) }
        sending = settings.outputs.mapValues { .sending(to: $0, .producer) }
        // A dead letter keeps the headers of its event, so that this span is nobody's parent.
        rejecting = .sending(to: settings.eventsDLQ, .client)
        committing = Span.Scope(
            "commit", .client,
            [
                Span.Attribute("messaging.system", "kafka"), Span.Attribute("messaging.operation.name", "commit"),
                Span.Attribute("messaging.operation.type", "settle"),
                Span.Attribute("messaging.consumer.group.name", settings.group),
            ])
    }

    // MARK: - One event

    /// Whether spans are exported.
    var isExporting: Bool { tracer != nil }

    /// A record has come whose ``begin(_:of:)`` may follow.
    func arrive() {
        if tracer != nil { arrivedAt = Span.now() }
    }

    /// From here on headers are those of this event: of its own trace, or of a new one where it has none.
    ///
    /// - Returns: the `tracestate` to hand on, valid as long as `headers` are.
    @discardableResult
    func begin(_ headers: Headers, of record: borrowing BorrowedRecord) -> UnsafeRawBufferPointer? {
        let incoming = headers.traceparent.flatMap(SpanContext.init(traceparent:))
        let trace = incoming?.trace ?? ids.nextTrace()
        let isNewRecorded = tracer?.records(trace) ?? true
        let flags = incoming?.flags ?? (isNewRecorded ? SpanContext.sampledFlag : 0)
        // Without a parent it belongs to nothing.
        let tracestate = incoming.flatMap { _ in Tracestate.handedOn(headers.tracestate) }
        header.set(trace, flags: flags)
        event = nil
        guard tracer != nil, flags & SpanContext.sampledFlag != 0 else { return tracestate }
        event = RecordedEvent(
            context: SpanContext(trace: trace, span: ids.next(), flags: flags),
            parent: incoming.map { Span.Parent(span: $0.span, isRemote: true) },
            tracestate: tracestate.map { String(decoding: $0, as: UTF8.self) }, scope: processing[record.topic],
            attributes: [
                Span.Attribute("messaging.destination.partition.id", String(record.partition)),
                Span.Attribute("messaging.kafka.offset", record.offset),
                Span.Attribute("messaging.message.body.size", record.value?.count ?? 0),
            ], start: arrivedAt)
        return tracestate
    }

    /// Hands a notification of the event to the producer.
    ///
    /// - Parameters:
    ///   - id: the notification's.
    ///   - send: gets the id of the span that its `traceparent` must name.
    func sending(
        _ channel: ChannelName, id: UnsafeRawBufferPointer, _ send: (_ span: UInt64) throws(KafkaError) -> Void
    ) throws(KafkaError) {
        let span = ids.next()
        guard let event, let scope = sending[channel] else { return try send(span) }
        let start = Span.now()
        try send(span)
        keep(
            part(
                scope, of: event, span: span, since: start,
                [Span.Attribute("messaging.message.id", String(decoding: id, as: UTF8.self))]))
    }

    /// Lends the `traceparent` of a span of the event.
    func with(span: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) { header.withSpan(span, body) }

    /// The same with a new span.
    func withNextSpan(_ body: (UnsafeRawBufferPointer) -> Void) { header.withSpan(ids.next(), body) }

    /// The event is done.
    func end() { end(rejection: nil) }

    /// The record has become a dead letter of this class; nothing was begun before.
    func reject(_ record: borrowing BorrowedRecord, _ rejection: String) {
        guard tracer != nil else { return }
        var headers = Headers()
        record.forEachHeader { headers.take($0) }
        begin(headers, of: record)
        if let event { keep(part(rejecting, of: event, span: ids.next(), since: Span.now(), [])) }
        end(rejection: rejection)
    }

    private func end(rejection: String?) {
        guard let event else { return }
        self.event = nil
        var span = Span(event.scope, event.context, parent: event.parent, start: event.start, end: Span.now())
        span.tracestate = event.tracestate
        span.attributes = event.attributes
        span.error = rejection
        keep(span)
        if links.count < Self.linkLimit { links.append(event.context) } else { droppedLinks += 1 }
    }

    private func part(
        _ scope: Span.Scope, of event: RecordedEvent, span: UInt64, since start: UInt64,
        _ attributes: [Span.Attribute]
    ) -> Span {
        var span = Span(
            scope, event.context.with(span: span), parent: Span.Parent(span: event.context.span, isRemote: false),
            start: start, end: Span.now())
        span.tracestate = event.tracestate
        span.attributes = attributes
        return span
    }

    private func keep(_ span: Span) {
        if spans.count < Self.spanLimit { spans.append(span) } else { dropped += 1 }
    }

    // MARK: - The transaction

    /// The transaction with that many records is about to be committed.
    func commits(_ records: Int) {
        if !links.isEmpty { commit = (Span.now(), records) }
    }

    /// The transaction has ended: its spans leave, or it never happened.
    func settle(committed: Bool) {
        guard let tracer, !spans.isEmpty else { return }
        if committed {
            if let commit { spans.append(commitSpan(commit.start, commit.records)) }
            tracer.record(spans)
            if dropped > 0 { tracer.drop(dropped) }
        }
        spans.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
        (dropped, droppedLinks, commit) = (0, 0, nil)
    }

    private func commitSpan(_ start: UInt64, _ records: Int) -> Span {
        let context = SpanContext(trace: ids.nextTrace(), span: ids.next(), flags: SpanContext.sampledFlag)
        var span = Span(committing, context, parent: nil, start: start, end: Span.now())
        span.attributes = [Span.Attribute("messaging.batch.message_count", records)]
        span.links = links
        span.droppedLinks = droppedLinks
        return span
    }
}
