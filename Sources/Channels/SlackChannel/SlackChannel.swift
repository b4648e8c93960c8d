internal import ChannelSupport
package import Delivery
package import DeliveryEngine
package import Notifications
internal import Settings
package import Time
package import Transfer

/// Slack's incoming webhooks, at the endpoints of `config/endpoints.yaml`.
package struct SlackChannel: Channel {
    private let config: SlackConfig

    init(_ config: SlackConfig) {
        self.config = config
    }

    /// The consumer of this channel: all that its executable runs.
    package static let service = ConsumerService(.slack) { reader in load(reader) }

    /// Reads what the consumer needs of this channel; the reader takes the faults.
    static func load(_ reader: SettingsReader) -> ConsumerService.Parts {
        ConsumerService.Parts(
            channel: SlackChannel(SlackConfig(reading: reader)), transfer: TransferSettings(reading: reader))
    }

    package var name: ChannelName { .slack }
    package var hasSeveralDestinations: Bool { config.endpoints.count > 1 }

    /// One webhook posts to one channel of Slack: its own lane, circuit and rate.
    package func destination(of notification: Notification) throws(Refusal) -> Destination {
        try SlackRequest.endpoint(of: notification, config).destination
    }

    package func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        try SlackRequest.request(for: notification, config)
    }

    package func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        SlackResponse.outcome(of: result, now: now)
    }
}
