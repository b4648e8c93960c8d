internal import ChannelSupport
package import Delivery
package import DeliveryEngine
package import Notifications
internal import Settings
package import Time
package import Transfer

/// Signed webhooks after Standard Webhooks 1.0.0, to the endpoints of `config/endpoints.yaml`.
package struct WebhookChannel: Channel {
    private let config: WebhookConfig

    init(_ config: WebhookConfig) {
        self.config = config
    }

    /// The consumer of this channel: all that its executable runs.
    package static let service = ConsumerService(.webhook) { reader in load(reader) }

    /// Reads what the consumer needs of this channel; the reader takes the faults.
    static func load(_ reader: SettingsReader) -> ConsumerService.Parts {
        ConsumerService.Parts(
            channel: WebhookChannel(WebhookConfig(reading: reader)), transfer: TransferSettings(reading: reader))
    }

    package var name: ChannelName { .webhook }
    package var hasSeveralDestinations: Bool { config.endpoints.count > 1 || config.allowsEventURLs }

    /// The endpoint's; a URL from an event borrows the limits of the endpoint that lends it secrets.
    package func destination(of notification: Notification) throws(Refusal) -> Destination {
        var destination = try WebhookRequest.endpoint(of: notification, config).target.destination
        destination.hasOwnAddress = WebhookRequest.hasOwnURL(notification)
        return destination
    }

    package func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        try WebhookRequest.request(for: notification, attempt: attempt, config)
    }

    package func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        let endpoint = try? WebhookRequest.endpoint(of: notification, config)
        return WebhookResponse.outcome(
            of: result, overrides: endpoint?.overrides ?? StatusOverrides(),
            isEventURL: WebhookRequest.hasOwnURL(notification), now: now)
    }
}
