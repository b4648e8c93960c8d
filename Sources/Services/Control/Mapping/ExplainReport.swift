internal import CommandLineKit
internal import Events
internal import JSONBytes
internal import Kafka
internal import Notifications
internal import Routing
internal import Time

/// What becomes of one record.
struct ExplainReport {
    struct Produced {
        /// nil for a status record of an entry without recipient.
        var notification: Notification?
        var channel: ChannelName
        var key: String
        /// The record's value, as it goes on the wire.
        var json: String
        var route: String
    }

    let record: OwnedRecord
    let explanation: Explainer.Explanation
    let result: MapResult
    let produced: [Produced]

    init(_ record: OwnedRecord, table: RoutingTable, contacts: ContactTable, maximumEventBytes: Int) {
        self.record = record
        let explainer = Explainer(table: table, contacts: contacts, maximumEventBytes: maximumEventBytes)
        var mapper = Mapper(table: table, contacts: contacts, maximumEventBytes: maximumEventBytes)
        explanation = record.withInput { explainer.explain($0) }
        var output = MappedOutput()
        result = record.withInput { mapper.map($0, into: &output) }
        let document = JSONDocument()
        var produced: [Produced] = []
        for index in output.records.indices {
            let mapped = output.records[index]
            let bytes = output.bytes[mapped.value]
            var one = Produced(
                channel: .email, key: String(decoding: output.bytes[mapped.key], as: UTF8.self),
                json: String(decoding: bytes, as: UTF8.self), route: table.routeNames[mapped.routeIndex])
            switch mapped.kind {
            case .notification(let channel):
                one.channel = channel
                one.notification = try? Notification.decode(bytes, channel: channel, document: document)
            case .status(let channel): one.channel = channel
            }
            produced.append(one)
        }
        self.produced = produced
    }

    // MARK: - Text

    /// What became of the event, in a sentence.
    var sentence: String {
        switch result {
        case .mapped(let notifications, let suppressed):
            let sum = notifications == 1 ? "1 notification" : "\(notifications) notifications"
            return suppressed == 0 ? sum : "\(sum), \(suppressed) suppressed"
        case .unrouted: return "no route wants it: it is counted and dropped"
        case .rejected(let rejection):
            return "rejected to the dead letters (\(rejection.class.rawValue), \(rejection.code)): \(rejection.message)"
        }
    }

    static func words(_ verdict: Explainer.Verdict) -> String {
        switch verdict {
        case .matched: "matches"
        case .otherType(let types): "wants \(types.joined(separator: ", "))"
        case .failed(let failures):
            failures.map { failure in
                let found = failure.found.map { "is \($0)" } ?? "is not there"
                return "\(failure.field) \(found), wanted is \(failure.condition)"
            }.joined(separator: "; or ")
        }
    }

    func print(to printer: Printer) {
        guard printer.format == .table else { return printer.object(json) }
        if let event = explanation.event {
            printer.card([
                ("event", .text(event.type)), ("id", .text(event.id)), ("source", .text(event.source)),
                ("time", .text(event.time)), ("user", .optional(event.userID)),
                ("contact", event.userID == nil ? .none : .text(event.hasContact ? "known" : "unknown")),
                ("result", .text(sentence)),
            ])
        } else {
            printer.card([("result", .text(sentence))])
        }
        for route in explanation.routes {
            let sign = route.verdict == .matched ? "✓" : "✗"
            printer.line("\(sign) \(route.route): \(Printable.text(Self.words(route.verdict)))")
        }
        printer.line()
        for one in produced { Self.print(one, to: printer) }
    }

    private static func print(_ one: Produced, to printer: Printer) {
        guard let notification = one.notification else {
            return printer.card([
                ("channel", .text(one.channel.rawValue)), ("route", .text(one.route)), ("suppressed", .text(one.json)),
            ])
        }
        var fields: [Printer.Field] = [
            ("channel", .text(one.channel.rawValue)), ("route", .text(notification.route ?? one.route)),
            ("id", .text(notification.id)), ("key", .text(one.key)), ("to", .text(recipient(notification.recipient))),
            ("locale", .optional(notification.locale)), ("priority", .text(notification.priority.word)),
            ("expires_at", .optional(notification.expiresAt?.rfc3339)),
        ]
        switch notification.content {
        case .email(let subject, let text, let html):
            fields += [("subject", .text(subject)), ("text", .text(text)), ("html", .optional(html))]
        case .sms(let text): fields.append(("text", .text(text)))
        case .webhook(let json): fields.append(("body", .text(String(decoding: json, as: UTF8.self))))
        case .slack(let text, let blocks):
            fields += [
                ("text", .text(text)), ("blocks", .optional(blocks.map { String(decoding: $0, as: UTF8.self) })),
            ]
        }
        printer.card(fields)
    }

    static func recipient(_ recipient: Notification.Recipient) -> String {
        switch recipient {
        case .email(let address, let name): name.map { "\($0) <\(address)>" } ?? address
        case .sms(let phone): phone
        case .webhook(let endpoint, let url): url.map { "\($0) (as endpoint \(endpoint))" } ?? "endpoint \(endpoint)"
        case .slack(let endpoint): "endpoint \(endpoint)"
        }
    }

    // MARK: - JSON

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if let event = explanation.event {
            writer.key("event")
            writer.beginObject()
            for (name, value) in [
                ("id", event.id), ("type", event.type), ("source", event.source), ("time", event.time),
            ] {
                writer.key(name)
                writer.string(value)
            }
            if let user = event.userID {
                writer.key("user_id")
                writer.string(user)
            }
            writer.endObject()
        }
        writer.key("result")
        writer.string(sentence)
        if case .rejected(let rejection) = result {
            writer.key("rejected")
            writer.string(rejection.code)
        }
        writer.key("routes")
        writer.beginArray()
        for route in explanation.routes { Self.write(route, to: &writer) }
        writer.endArray()
        writer.key("records")
        writer.beginArray()
        for one in produced { Self.write(one, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }

    private static func write(_ route: Explainer.RouteVerdict, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("route")
        writer.string(route.route)
        writer.key("matched")
        writer.bool(route.verdict == .matched)
        if route.verdict != .matched {
            writer.key("why")
            writer.string(words(route.verdict))
        }
        writer.endObject()
    }

    private static func write(_ one: Produced, to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in [("channel", one.channel.rawValue), ("route", one.route), ("key", one.key)] {
            writer.key(name)
            writer.string(value)
        }
        writer.key(one.notification == nil ? "status" : "notification")
        writer.raw(one.json)
        writer.endObject()
    }
}
