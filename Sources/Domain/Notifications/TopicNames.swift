/// The default topic names of the wire contract. Every one of them can be configured.
package enum TopicNames {
    package static let inputs = ["order.events", "payment.events", "user.events"]
    /// Events that are none: rejected by the core.
    package static let eventsDLQ = "events.dlq"
    package static let status = "notifications.status"
    /// The compacted topic of contacts, keyed by user id.
    package static let contacts = "user.contacts"

    package static func notifications(_ channel: ChannelName) -> String { "notifications.\(channel.rawValue)" }

    /// The retry topic of a main topic; `tier` is the delay as configured, such as `30s`.
    package static func retry(of mainTopic: String, tier: String) -> String { "\(mainTopic).retry.\(tier)" }

    package static func retry(_ channel: ChannelName, tier: String) -> String {
        retry(of: notifications(channel), tier: tier)
    }

    package static func dlq(_ channel: ChannelName) -> String { "\(notifications(channel)).dlq" }
}
