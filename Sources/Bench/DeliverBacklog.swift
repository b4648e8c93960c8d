import DeliveryEngine
import Kafka
import Notifications

/// What `Bench deliver` works off: notifications as the core writes them.
enum DeliverBacklog {
    enum Content: String, Sendable {
        case webhook, email
    }

    /// Writes `count` notifications of as many users' keys as make lanes that go at once.
    static func write(_ content: Content, _ count: Int, to settings: ChannelConsumerSettings) throws {
        var producerSettings = ProducerSettings(kafka: settings.kafka)
        producerSettings.queuedRecords = count
        let producer = try IdempotentProducer(producerSettings)
        for number in 0..<count {
            let text = String(number)
            let digits = String(repeating: "0", count: 12 - text.count) + text
            let id = "3f0c1b2a-5d4e-5f60-8a7b-\(digits)"
            try producer.send(
                topic: settings.topic, key: Array("user-\(number % 1_000)".utf8), value: value(content, id, digits),
                headers: headers(content, id, digits), token: UInt64(number))
        }
        guard try producer.flush(timeout: .seconds(60), { _ in }) else {
            throw BenchError(message: "the backlog could not be written")
        }
    }

    private static func headers(_ content: Content, _ id: String, _ digits: String) -> RecordHeaders {
        var headers = RecordHeaders()
        headers.append(WireHeader.specVersion.text, "1.0")
        headers.append(WireHeader.id.text, id)
        headers.append(WireHeader.source.text, "/notificationhub/core")
        headers.append(WireHeader.type.text, "notification.\(content.rawValue)")
        headers.append(WireHeader.contentType.text, "application/json")
        headers.append(WireHeader.traceparent.text, "00-4bf92f3577b34da6a3ce\(digits)-00f067aa0ba902b7-01")
        return headers
    }

    private static func value(_ content: Content, _ id: String, _ digits: String) -> [UInt8] {
        Array(
            #"""
            {"id":"\#(id)","channel":"\#(content.rawValue)","event":{"id":"e-\#(digits)","type":"order.created","source":\#
            "order.events","time":"2026-11-21T01:00:00.000Z"},"user_id":"\#(Workload.user)","recipient":\#
            \#(recipient(content)),"content":\#(body(content)),"route":"order-created","template":"order-created",\#
            "locale":"en","priority":"normal","metadata":{}}
            """#.utf8)
    }

    private static func recipient(_ content: Content) -> String {
        switch content {
        case .webhook: #"{"endpoint":"orders"}"#
        case .email: #"{"email":"test123@example.com","name":"Taylor Test"}"#
        }
    }

    private static func body(_ content: Content) -> String {
        switch content {
        case .webhook:
            let event = String(decoding: Workload.event("order.created"), as: UTF8.self)
            return #"{"type":"order.created","timestamp":"2026-11-21T01:00:00.000Z","data":\#(event)}"#
        case .email:
            let text =
                #"Hello Taylor Test,\n\nThank you for your order. We will let you know when it is on its way.\n\n"#
                + #"Order: ORD001\nAmount: 99.99 EUR\n\n-- \nShop\nThis message was sent automatically.\n"#
            return #"{"subject":"Order ORD001 was created","text":"\#(text)"}"#
        }
    }
}
