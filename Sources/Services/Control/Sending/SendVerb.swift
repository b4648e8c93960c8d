internal import CommandLineKit
internal import Core
internal import Digest
internal import Kafka
internal import Lifecycle
internal import Time

/// `send`
enum SendVerb {
    static let verb = Verb(
        "send", "publishes an event.",
        details: """
            A value that is JSON (a number, true, {"a":1}, "text") is taken as it is, any other one is
            text; points make objects: recipient.email=a@example.com. The event gets an id and the time
            unless event_id= and timestamp= are given; its key is the user_id unless --key says otherwise.
            """,
        operands: [.init("TYPE"), .init("KEY=VALUE", isRequired: false, repeats: true)],
        options: [
            .value("--topic", "TOPIC", "The input topic; else the one whose name begins as TYPE does."),
            .value("--key", "KEY", "The record's key."),
            .flag("--dry-run", "Only show the event."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let type = invocation.operands[0]
        let fields = try fields(invocation, type: type)
        let topic = try topic(for: type, invocation, settings)
        let key = invocation.text("--key") ?? fields.text("user_id")
        var row: [Printer.Field] = [
            ("topic", .text(topic)), ("event_id", .optional(fields.text("event_id"))), ("key", .optional(key)),
        ]
        if !invocation.has("--dry-run") {
            let place = try publish(fields.json, key: key, to: topic, settings.kafka)
            row.insert(("at", .text(place.text)), at: 1)
        }
        printer.card(row + [("event", .json(fields.json))])
        return .ok
    }

    private static func fields(_ invocation: Invocation, type: String) throws(CommandFault) -> EventFields {
        var fields = EventFields()
        fields.setDefault("event_type", text: type)
        do throws(EventFields.Fault) {
            for word in invocation.operands.dropFirst() { try fields.add(word) }
        } catch {
            throw .usage(error.message)
        }
        fields.setDefault("event_id", text: Hex.encode(SecureRandom.bytes(16)))
        fields.setDefault("timestamp", text: UnixTime.now().rfc3339)
        return fields
    }

    /// `order.created` goes to `order.events`.
    private static func topic(
        for type: String, _ invocation: Invocation, _ settings: ControlSettings
    ) throws(CommandFault) -> String {
        if let topic = invocation.text("--topic") { return topic }
        let first = type.split(separator: ".").first ?? ""
        let fitting = settings.core.inputs.filter { $0.split(separator: ".").first == first }
        guard let topic = fitting.first, fitting.count == 1 else {
            throw .usage("--topic must say which of \(settings.core.inputs.joined(separator: ", ")) \(type) goes to")
        }
        return topic
    }

    private static func publish(
        _ json: String, key: String?, to topic: String, _ kafka: KafkaSettings
    ) throws(CommandFault) -> RecordPlace {
        let topics = try withKafka(kafka) { () throws(KafkaError) in try Admin(kafka).topics() }
        guard topics[topic] != nil else { throw .usage("there is no topic \(topic) on \(kafka.brokers)") }
        var headers = RecordHeaders()
        headers.append("content-type", "application/json")
        return try withKafka(kafka) { () throws(KafkaError) in
            var settings = ProducerSettings(kafka: kafka)
            settings.deliveryTimeout = .seconds(20)
            settings.linger = .zero
            let producer = try IdempotentProducer(settings)
            try producer.send(
                topic: topic, key: key.map { Array($0.utf8) }, value: Array(json.utf8), headers: headers, token: 0)
            var end: IdempotentProducer.Report?
            _ = try producer.flush(timeout: .seconds(25)) { end = $0 }
            if let error = end?.error { throw error }
            guard let end else {
                throw KafkaError(code: "_TIMED_OUT", message: "Kafka did not acknowledge in time")
            }
            return RecordPlace(
                partition: TopicPartition(topic: topic, partition: end.partition), offset: end.offset)
        }
    }
}
