internal import ChannelSupport
package import Delivery
package import DeliveryEngine
package import Notifications
internal import Settings
package import Time
package import Transfer

/// SMS over Twilio's Messages API, or one that speaks like it.
package struct SMSChannel: Channel {
    private let config: SMSConfig
    private let destination: Destination

    init(_ config: SMSConfig) {
        self.config = config
        destination = Destination(name: "sms", maxInFlight: .max, rate: config.rate)
    }

    /// The consumer of this channel: all that its executable runs.
    package static let service = ConsumerService(.sms) { reader in load(reader) }

    /// Reads what the consumer needs of this channel; nil beside a fault, which the reader takes.
    static func load(_ reader: SettingsReader) -> ConsumerService.Parts? {
        let transfer = TransferSettings(reading: reader)
        guard let config = SMSConfig(reading: reader) else { return nil }
        return ConsumerService.Parts(channel: SMSChannel(config), transfer: transfer)
    }

    package var name: ChannelName { .sms }

    /// One provider: one destination, as wide as the process.
    package func destination(of notification: Notification) throws(Refusal) -> Destination { destination }

    package func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        try SMSRequest.request(for: notification, config)
    }

    package func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        var text = ""
        if case .sms(let content) = notification.content { text = content }
        return SMSResponse.outcome(of: result, segments: Segments(text), now: now)
    }
}
