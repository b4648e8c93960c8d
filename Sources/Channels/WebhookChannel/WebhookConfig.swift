internal import ChannelSupport

/// What the webhook channel needs to know.
struct WebhookConfig: Sendable {
    /// The endpoints of this channel, by name.
    var endpoints: [String: WebhookEndpoint]
    /// Whether a URL that an event carries may be called.
    var allowsEventURLs: Bool
}

/// One endpoint, checked and ready for use. Looked up several times for every webhook, and so never copied.
final class WebhookEndpoint: Sendable {
    let target: EndpointTarget
    /// At least one; each of them signs.
    let secrets: [SigningSecret]
    let overrides: StatusOverrides

    init(target: EndpointTarget, secrets: [SigningSecret], overrides: StatusOverrides) {
        self.target = target
        self.secrets = secrets
        self.overrides = overrides
    }
}

/// Statuses that an endpoint means differently than the table of ``WebhookResponse`` says.
struct StatusOverrides: Sendable, Equatable {
    /// Tried again; one that is tried again anyway stays as it is.
    var retry: Set<Int> = []
    /// Final for that webhook; the endpoint is neither closed nor down for it.
    var permanent: Set<Int> = []
}
