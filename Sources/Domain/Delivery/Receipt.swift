package import Notifications

/// What a destination acknowledged.
package struct Receipt: Sendable, Equatable {
    /// How far the peer vouches for the notification.
    package enum Status: String, Sendable {
        /// Handed over to a relay or provider: a 250 of SMTP, a 201 of the SMS API.
        case sent
        /// At its destination: a 2xx of a webhook, `ok` of Slack.
        case delivered
    }

    package var status: Status
    /// The peer's answer as a short code: `http_200`, `smtp_250`.
    package var code: String
    /// Facts for the status record: SMS segments, SMTP reply code, the provider's id.
    package var detail: StatusDetail
    /// Why the destination, which took this one, wants nothing after it; `nil` while it does. Its code becomes
    /// `endpoint_closed` of the status record's detail.
    package var closing: Failure?

    package init(status: Status, code: String, detail: StatusDetail = [:], closing: Failure? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.closing = closing
    }
}
