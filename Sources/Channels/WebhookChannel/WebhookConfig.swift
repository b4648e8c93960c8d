internal import ChannelSupport

/// What the webhook channel needs to know.
struct WebhookConfig: Sendable {
    /// The endpoints of this channel, by name.
    var endpoints: [String: WebhookEndpoint]
    /// Whether a URL that an event carries may be called.
    var allowsEventURLs: Bool
}

/// One endpoint, checked and ready for use.
struct WebhookEndpoint: Sendable {
    var target: EndpointTarget
    /// At least one; each of them signs.
    var secrets: [SigningSecret]
    var overrides: StatusOverrides
}

/// Statuses that an endpoint means differently than the table of ``WebhookResponse`` says.
struct StatusOverrides: Sendable, Equatable {
    var retry: Set<Int> = []
    var permanent: Set<Int> = []
}
