internal import Delivery
internal import Transfer

/// What the Slack channel needs to know.
struct SlackConfig: Sendable {
    /// Slack's own limit for a webhook: one message a second, with short bursts.
    static let defaultRate = Destination.Rate(count: 1, per: .seconds(1), burst: 3)

    /// The endpoints of this channel, by name.
    var endpoints: [String: SlackEndpoint]
}

/// One incoming webhook of Slack, checked and ready for use.
struct SlackEndpoint: Sendable {
    /// Holds the secret in its path.
    var url: WebAddress
    /// The endpoint's own headers.
    var headers: [(name: String, value: String)]
    /// Limit of one attempt.
    var timeout: Duration
    var destination: Destination
}
