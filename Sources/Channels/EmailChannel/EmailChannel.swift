package import Delivery
package import DeliveryEngine
package import Notifications
internal import Settings
package import Time
package import Transfer

/// Email over one SMTP server.
package struct EmailChannel: Channel {
    /// One at work and one that follows at once. More would only wait where the lanes do not see it.
    private static let mailsPerSession = 2

    private let mails: EmailRequest
    private let destination: Destination

    init(_ config: EmailConfig) {
        mails = EmailRequest(config)
        destination = Destination(
            name: "email", maxInFlight: Self.mailsPerSession * config.transfer.mailSessionsPerServer, rate: config.rate)
    }

    /// The consumer of this channel: all that its executable runs.
    package static let service = ConsumerService(.email) { reader in load(reader) }

    /// Reads what the consumer needs of this channel; nil beside a fault, which the reader takes.
    static func load(_ reader: SettingsReader) -> ConsumerService.Parts? {
        guard let config = EmailConfig(reading: reader) else { return nil }
        return ConsumerService.Parts(channel: EmailChannel(config), transfer: config.transfer)
    }

    package var name: ChannelName { .email }

    /// One server: one destination, as wide as its sessions.
    package func destination(of notification: Notification) throws(Refusal) -> Destination { destination }

    package func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        try mails.request(for: notification, attempt: attempt)
    }

    package func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        EmailResponse.outcome(of: result)
    }
}
