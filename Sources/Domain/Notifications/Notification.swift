package import Time

/// One notification as it stands in a channel's topic, decoded and checked for shape.
///
/// A value, safe to share between threads. Whether an address or a phone number is a good one is for the channel to
/// say; here only the contract's types count.
package struct Notification: Sendable, Equatable {
    /// Letters, digits, hyphens and underscores, 1 to 128 of them: safe in every header and identifier.
    package var id: String
    package var channel: ChannelName
    package var event: EventReference
    package var userID: String?
    package var recipient: Recipient
    package var content: Content
    package var route: String?
    package var template: String?
    package var locale: String?
    package var priority: Priority
    package var expiresAt: UnixTime?
    /// The metadata object as JSON, byte for byte.
    package var metadata: [UInt8]?

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
