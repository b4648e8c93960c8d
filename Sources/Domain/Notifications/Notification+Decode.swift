package import JSONBytes
internal import Time

extension Notification {
    /// A larger record is a dead letter: the contract accepts events of 1 MiB, and a notification wraps one.
    package static let maximumBytes = 2 << 20
    /// An event's 128 levels, and those that a notification puts around them.
    static let maximumDepth = 128 + 4

    /// Reads a record's value. Fields that the contract does not name are ignored; `null` counts as absent.
    ///
    /// - Parameters:
    ///   - value: the record's value; borrowed for the call, nothing of it is kept by reference.
    ///   - channel: the channel whose topic the record was in.
    ///   - document: a document to scan with; hand in the same one for every record to save allocations.
    /// - Throws: the first fault, with the dead letter's class, code and message.
    package static func decode(
        _ value: UnsafeRawBufferPointer, channel: ChannelName, document: JSONDocument = JSONDocument()
    ) throws(NotificationFault) -> Notification {
        guard value.count <= maximumBytes else {
            throw NotificationFault(
                .tooLarge, code: "too_large",
                message: "the notification has \(value.count) bytes, more than \(maximumBytes)")
        }
        let root = try FieldReader(root: parse(value, document))
        try root.requireChannel(channel)
        let event = try root.object("event")
        return Notification(
            id: try root.identifier("id"),
            channel: channel,
            event: EventReference(
                id: try event.text("id"), type: try event.text("type"), source: try event.text("source"),
                time: try event.optionalTime("time")),
            userID: try root.optionalText("user_id"),
            recipient: try recipient(of: channel, try root.object("recipient")),
            content: try content(of: channel, try root.object("content")),
            route: try root.optionalText("route"),
            template: try root.optionalText("template"),
            locale: try root.optionalText("locale"),
            priority: try root.priority("priority"),
            expiresAt: try root.optionalTime("expires_at"),
            metadata: try root.optionalJSON("metadata", .object))
    }

    private static func parse(
        _ value: UnsafeRawBufferPointer, _ document: JSONDocument
    ) throws(NotificationFault) -> JSONValue {
        do throws(JSONFault) {
            return try document.parse(value, maximumDepth: maximumDepth)
        } catch {
            let code =
                switch error.code {
                case .empty: "empty"
                case .tooDeep: "too_deep"
                case .invalidUTF8: "invalid_utf8"
                default: "not_json"
                }
            throw NotificationFault(code: code, message: "the value is not JSON: \(error.message)")
        }
    }

    private static func recipient(
        of channel: ChannelName, _ fields: FieldReader
    ) throws(NotificationFault) -> Recipient {
        switch channel {
        case .email: .email(address: try fields.text("email"), name: try fields.optionalText("name"))
        case .sms: .sms(phone: try fields.text("phone"))
        case .webhook: .webhook(endpoint: try fields.text("endpoint"), url: try fields.optionalText("url"))
        case .slack: .slack(endpoint: try fields.text("endpoint"))
        }
    }

    private static func content(of channel: ChannelName, _ fields: FieldReader) throws(NotificationFault) -> Content {
        switch channel {
        case .email:
            .email(
                subject: try fields.text("subject", mayBeEmpty: true), text: try fields.text("text", mayBeEmpty: true),
                html: try fields.optionalText("html"))
        case .sms: .sms(text: try fields.text("text"))
        case .webhook: .webhook(json: fields.json)
        case .slack: .slack(text: try fields.text("text"), blocks: try fields.optionalJSON("blocks", .array))
        }
    }
}
