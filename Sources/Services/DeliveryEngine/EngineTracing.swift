internal import Delivery
internal import Kafka
internal import Notifications
internal import Tracing
internal import Transfer

/// The spans of a channel's consumer, where a collector is configured: `process` from the reading of a record to its
/// end here, inside of it one `deliver` for each attempt, and `send` where the record moves on to a retry topic or to
/// the dead letters.
///
/// A record that moves on keeps its headers, so that each of its stays is a child of the core's `send`, and all of
/// them are one trace. The engine's thread owns it.
final class EngineTracing {
    private let tracer: Tracer
    private let channel: String
    private let processing: [Span.Scope]
    private var sending: [String: Span.Scope] = [:]
    private var delivering: [String: Span.Scope] = [:]
    private var ids = SpanIDs()

    init(_ tracer: Tracer, _ settings: ChannelConsumerSettings) {
        self.tracer = tracer
        channel = settings.channel.rawValue
        let feeds =
            [(settings.topic, settings.group)]
            + settings.tiers.indices.map { (settings.retryTopic($0), settings.retryGroup($0)) }
        processing = feeds.map { .processing($0, group: $1) }
    }

    /// The trace of one record in hand.
    struct Trace {
        let context: SpanContext
        let parent: Span.Parent?
        let tracestate: String?
        let start: UInt64
        /// The attempt in flight.
        var attempt: (span: UInt64, start: UInt64)?
        /// On its way to another topic.
        var sending: (topic: String, start: UInt64)?
        var finished: [Span] = []
        /// The class of a dead letter.
        var error: String?

        /// What the destination gets: the attempt is the parent of what it does.
        var traceparent: String { Traceparent(context.with(span: attempt?.span ?? context.span)).value }
    }

    /// The record was read.
    func begin(_ work: Work) {
        let headers = work.record.headers
        let incoming = headers[WireHeader.traceparent.text]?.withUnsafeBytes { SpanContext(traceparent: $0) }
        let trace = incoming?.trace ?? ids.nextTrace()
        guard incoming?.isSampled ?? tracer.records(trace) else { return }
        work.trace = Trace(
            context: SpanContext(trace: trace, span: ids.next(), flags: incoming?.flags ?? SpanContext.sampledFlag),
            parent: incoming.map { Span.Parent(span: $0.span, isRemote: true) },
            tracestate: incoming.flatMap { _ in Tracestate.handedOn(headers[WireHeader.tracestate.text]) },
            start: Span.now())
    }

    /// An attempt is about to start.
    func attempts(_ work: Work) {
        guard work.trace != nil else { return }
        work.trace?.attempt = (ids.next(), Span.now())
    }

    /// The attempt has ended; the ones that count are counted after this.
    func attempted(_ work: Work, _ outcome: Outcome, _ result: TransferResult) {
        let (word, code) = EngineReporter.label(outcome)
        var attributes = [Span.Attribute("notificationhub.outcome", word)]
        if case .http(let response) = result {
            attributes.append(Span.Attribute("http.response.status_code", response.status))
        }
        var error: String? = code
        if case .delivered = outcome { error = nil }
        finishAttempt(work, attributes, error: error)
    }

    private func finishAttempt(_ work: Work, _ attributes: [Span.Attribute], error: String?) {
        guard let trace = work.trace, let attempt = trace.attempt else { return }
        work.trace?.attempt = nil
        let destination = work.destination?.name ?? channel
        var span = part(scope(of: destination), trace, attempt.span, since: attempt.start)
        span.attributes = [Span.Attribute("notificationhub.attempt", work.attempts + 1)] + attributes
        span.error = error
        work.trace?.finished.append(span)
    }

    /// The record goes on to that topic.
    ///
    /// - Parameter error: the class of a dead letter.
    func forwards(_ work: Work, to topic: String, error: String? = nil) {
        guard work.trace != nil else { return }
        work.trace?.sending = (topic, Span.now())
        work.trace?.error = error
    }

    /// The record is let go: everything of it is done, or another member has it.
    func end(_ work: Work) {
        // Cut off by the end of the process or of the assignment.
        finishAttempt(work, [], error: "cancelled")
        guard let trace = work.trace else { return }
        work.trace = nil
        var spans = trace.finished
        if let sending = trace.sending {
            var span = part(scope(ofSendingTo: sending.topic), trace, ids.next(), since: sending.start)
            // The message keeps the context that it was made with.
            if let parent = trace.parent { span.links = [trace.context.with(span: parent.span)] }
            spans.append(span)
        }
        var span = Span(processing[work.feed], trace.context, parent: trace.parent, start: trace.start, end: Span.now())
        span.tracestate = trace.tracestate
        span.error = trace.error
        span.attributes = [
            Span.Attribute("messaging.destination.partition.id", String(work.record.partition)),
            Span.Attribute("messaging.kafka.offset", work.record.offset),
        ]
        if let id = work.notification?.id { span.attributes.append(Span.Attribute("messaging.message.id", id)) }
        spans.append(span)
        tracer.record(spans)
    }

    private func part(_ scope: Span.Scope, _ trace: Trace, _ span: UInt64, since start: UInt64) -> Span {
        var span = Span(
            scope, trace.context.with(span: span), parent: Span.Parent(span: trace.context.span, isRemote: false),
            start: start, end: Span.now())
        span.tracestate = trace.tracestate
        return span
    }

    // MARK: - Scopes, made when they are met: destinations and topics are few

    private func scope(of destination: String) -> Span.Scope {
        if let known = delivering[destination] { return known }
        let scope = Span.Scope(
            "deliver \(destination)", .client,
            [
                Span.Attribute("notificationhub.channel", channel),
                Span.Attribute("notificationhub.destination", destination),
            ])
        delivering[destination] = scope
        return scope
    }

    private func scope(ofSendingTo topic: String) -> Span.Scope {
        if let known = sending[topic] { return known }
        let scope = Span.Scope.sending(to: topic, .client)
        sending[topic] = scope
        return scope
    }
}
