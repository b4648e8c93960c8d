internal import ChannelSupport
internal import Notifications
internal import Settings

/// What the Slack channel needs to know.
struct SlackConfig: Sendable {
    /// The endpoints of this channel, by name. Their URLs hold the secret.
    var endpoints: [String: EndpointTarget]
}

extension SlackConfig {
    /// Reads the Slack webhooks of the endpoints' file; the reader takes the faults.
    init(reading reader: SettingsReader) {
        endpoints = EndpointTargets.read(reader, channel: .slack) { endpoint in
            EndpointTarget(endpoint, reportingTo: reader)
        }
    }
}
