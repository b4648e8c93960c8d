internal import DeadLetters
internal import Events
internal import JSONBytes
internal import Kafka
internal import Notifications
internal import Routing

/// The output topics and the headers of what goes there: the last step of a record before the commit.
final class Outputs {
    private let producer: TransactionalProducer
    private let settings: CoreSettings
    /// By the channel's position: a dictionary would hash its word for every notification.
    private var notifications = [TopicHandle?](repeating: nil, count: ChannelName.allCases.count)
    private let eventsDLQ: TopicHandle
    private let status: TopicHandle?
    private let tracing: CoreTracing

    /// Looks up the topics of these channels and those that every core has.
    ///
    /// - Parameter timeout: how long the cluster may take to answer for one topic.
    init(
        _ settings: CoreSettings, channels: Set<ChannelName>, producer: TransactionalProducer, tracing: CoreTracing,
        timeout: Duration
    ) throws(KafkaError) {
        self.producer = producer
        self.tracing = tracing
        self.settings = settings
        eventsDLQ = try producer.topic(settings.eventsDLQ, timeout: timeout)
        status = settings.writesStatus ? try producer.topic(settings.statusTopic, timeout: timeout) : nil
        try open(channels, timeout: timeout)
    }

    /// Hears what librdkafka has to say; cheap when it is nothing.
    func serve() { producer.serve() }

    /// The channels among these whose topics were not looked up yet.
    func unopened(_ channels: Set<ChannelName>) -> Set<ChannelName> {
        channels.filter { notifications[$0.position] == nil }
    }

    /// Looks up the topics of these channels, which must exist: a table may write to them from now on.
    func open(_ channels: Set<ChannelName>, timeout: Duration) throws(KafkaError) {
        for channel in unopened(channels) {
            guard let topic = settings.outputs[channel] else { continue }
            notifications[channel.position] = try producer.topic(topic, timeout: timeout)
        }
    }

    /// Sends what became of the event that `tracing` has begun.
    ///
    /// - Parameter tracestate: what is handed on of the event's own.
    func send(_ output: borrowing MappedOutput, tracestate: UnsafeRawBufferPointer?) throws(KafkaError) {
        for position in output.records.indices {
            let record = output.records[position]
            try send(record, from: output.bytes, tracestate)
        }
    }

    private func send(
        _ record: MappedRecord, from bytes: borrowing ByteBuffer, _ tracestate: UnsafeRawBufferPointer?
    ) throws(KafkaError) {
        let key = bytes[record.key]
        let value = bytes[record.value]
        switch record.kind {
        case .notification(let channel):
            // Going on would commit the event without its notification.
            guard let topic = notifications[channel.position] else { throw Self.unopened(channel) }
            let id = bytes[record.id]
            try tracing.sending(channel, id: id) { span throws(KafkaError) in
                try producer.send(to: topic, key: key, value: value) { headers in
                    headers.add(WireHeader.specVersion.name, WireHeader.specVersionValue)
                    headers.add(WireHeader.id.name, id)
                    headers.add(WireHeader.source.name, WireHeader.sourceValue)
                    headers.add(WireHeader.type.name, Self.type(of: channel))
                    headers.add(WireHeader.contentType.name, WireHeader.contentTypeValue)
                    tracing.with(span: span) { headers.add(WireHeader.traceparent.name, $0) }
                    if let tracestate { headers.add(WireHeader.tracestate.name, tracestate) }
                }
            }
        case .status:
            guard let status else { return }
            try producer.send(to: status, key: key, value: value) { headers in
                headers.add(WireHeader.contentType.name, WireHeader.contentTypeValue)
                tracing.withNextSpan { headers.add(WireHeader.traceparent.name, $0) }
            }
        }
    }

    private static func unopened(_ channel: ChannelName) -> KafkaError {
        KafkaError(
            code: "_STATE", message: "a route writes to the channel \(channel.rawValue), whose topic was not looked up",
            isFatal: true)
    }

    func send(_ letter: DeadLetter) throws(KafkaError) {
        let failure = Self.lend(letter.key) { key in
            Self.lend(letter.value) { value -> KafkaError? in
                do throws(KafkaError) {
                    try producer.send(to: eventsDLQ, key: key, value: value) { $0.add(letter.headers) }
                    return nil
                } catch {
                    return error
                }
            }
        }
        if let failure { throw failure }
    }

    /// Lends bytes with an address even when they are empty, since no address means null.
    private static func lend<Result>(
        _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result
    ) -> Result {
        guard let bytes else { return body(nil) }
        guard !bytes.isEmpty else { return withUnsafeBytes(of: 0) { body(UnsafeRawBufferPointer(rebasing: $0[..<0])) } }
        return bytes.withUnsafeBytes(body)
    }

    private static func type(of channel: ChannelName) -> StaticString {
        switch channel {
        case .email: "notification.email"
        case .sms: "notification.sms"
        case .webhook: "notification.webhook"
        case .slack: "notification.slack"
        }
    }
}
