package import Delivery
internal import DeliveryEngine
package import Notifications
package import Time
package import Transfer

/// SMS over Twilio's Messages API, or one that speaks like it.
package struct SMSChannel: Channel {
    private let config: SMSConfig
    private let destination: Destination

    init(_ config: SMSConfig) {
        self.config = config
        destination = Destination(name: "sms", maxInFlight: config.maxInFlight, rate: config.rate)
    }

    package var name: ChannelName { .sms }

    /// One provider: one destination.
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
