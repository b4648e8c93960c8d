package import Time

/// One notification as it stands in a channel's topic, decoded and checked for shape.
///
/// Immutable, and shared rather than copied: it goes through many hands. Safe to use from any thread. Whether an address or a phone number is a good one is for the channel to
/// say; here only the contract's types count.
package final class Notification: Sendable {
    /// Letters, digits, hyphens and underscores, 1 to 128 of them: safe in every header and identifier.
    package let id: String
    package let channel: ChannelName
    package let event: EventReference
    package let userID: String?
    package let recipient: Recipient
    package let content: Content
    package let route: String?
    package let template: String?
    package let locale: String?
    package let priority: Priority
    package let expiresAt: UnixTime?
    /// The metadata object as JSON, byte for byte.
    package let metadata: [UInt8]?

    package init(
        id: String, channel: ChannelName, event: EventReference, userID: String? = nil, recipient: Recipient,
        content: Content, route: String? = nil, template: String? = nil, locale: String? = nil,
        priority: Priority = .normal, expiresAt: UnixTime? = nil, metadata: [UInt8]? = nil
    ) {
        self.id = id
        self.channel = channel
        self.event = event
        self.userID = userID
        self.recipient = recipient
        self.content = content
        self.route = route
        self.template = template
        self.locale = locale
        self.priority = priority
        self.expiresAt = expiresAt
        self.metadata = metadata
    }
}

extension Notification: Equatable {
    package static func == (left: Notification, right: Notification) -> Bool {
        left.id == right.id && left.channel == right.channel && left.event == right.event
            && left.userID == right.userID && left.recipient == right.recipient && left.content == right.content
            && left.route == right.route && left.template == right.template && left.locale == right.locale
            && left.priority == right.priority && left.expiresAt == right.expiresAt && left.metadata == right.metadata
    }
}

extension Notification {
    /// The event that caused the notification.
    package struct EventReference: Sendable, Equatable {
        package var id: String
        package var type: String
        package var source: String
        package var time: UnixTime?

        package init(id: String, type: String, source: String, time: UnixTime? = nil) {
            self.id = id
            self.type = type
            self.source = source
            self.time = time
        }
    }

    /// To whom it goes, per channel. `endpoint` is a name of `config/endpoints.yaml`.
    package enum Recipient: Sendable, Equatable {
        case email(address: String, name: String?)
        case sms(phone: String)
        /// `url` came with the event; the endpoint lends its secrets and limits.
        case webhook(endpoint: String, url: String?)
        case slack(endpoint: String)
    }

    /// What it says, per channel.
    package enum Content: Sendable, Equatable {
        case email(subject: String, text: String, html: String?)
        case sms(text: String)
        /// The whole content object as JSON, byte for byte: the body of the request.
        case webhook(json: [UInt8])
        /// `blocks` is a JSON array, byte for byte.
        case slack(text: String, blocks: [UInt8]?)
    }
}
