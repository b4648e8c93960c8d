package import Delivery
internal import DeliveryEngine
package import Notifications
package import Time
package import Transfer

/// Email over one SMTP server.
package struct EmailChannel: Channel {
    private let mails: EmailRequest
    private let destination: Destination

    init(_ config: EmailConfig) {
        mails = EmailRequest(config)
        destination = Destination(name: "email", maxInFlight: config.maxInFlight, rate: config.rate)
    }

    package var name: ChannelName { .email }

    /// One server: one destination.
    package func destination(of notification: Notification) throws(Refusal) -> Destination { destination }

    package func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        try mails.request(for: notification, attempt: attempt)
    }

    package func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        EmailResponse.outcome(of: result)
    }
}
