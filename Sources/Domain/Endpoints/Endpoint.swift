package import Notifications
package import Settings

/// One entry of `config/endpoints.yaml`, with its variables resolved.
package struct Endpoint: Sendable {
    /// What a route and a notification name; 1 to 64 letters, digits, points, hyphens and underscores.
    package let name: String
    package let channel: ChannelName
    /// May be a secret as a whole, as Slack's are.
    package let url: Secret
    /// What signs a webhook; empty for other channels.
    package let secrets: [Secret]
    /// Sent with every request.
    package let headers: [(name: String, value: String)]
    /// Limit of one attempt.
    package let timeout: Duration
    /// Attempts in flight at once.
    package let maxInFlight: Int
    /// nil: the channel's default.
    package let rate: SendRate?
    /// How many may go at once after a quiet while; nil follows from the rate.
    package let burst: Int?
    /// HTTP statuses that mean "again later" here, whatever the channel's table says.
    package let retryStatuses: Set<Int>
    /// HTTP statuses that are final here, whatever the channel's table says.
    package let permanentStatuses: Set<Int>

    /// Reads one entry. Faults, also those of values that no endpoint can have, go into the reader.
    init(name: String, channel: ChannelName, reading reader: SettingsReader) {
        self.name = name
        self.channel = channel
        url = reader.requiredSecret("url")
        let isWebhook = channel == .webhook
        secrets = isWebhook ? reader.secrets("secrets") : []
        headers = reader.has("headers") ? reader.dictionary("headers") : []
        timeout = reader.duration("timeout", default: .seconds(15), in: .milliseconds(100) ... .seconds(300))
        maxInFlight = reader.int("max_in_flight", default: isWebhook ? 16 : 4, in: 1...10_000)
        rate = Self.rate(reader)
        burst = reader.has("burst") ? reader.int("burst", default: 1, in: 1...1_000_000) : nil
        let outcomes = isWebhook && reader.has("outcomes") ? reader.section("outcomes") : nil
        retryStatuses = outcomes.map { Self.statuses("retry", $0) } ?? []
        permanentStatuses = outcomes.map { Self.statuses("permanent", $0) } ?? []
        if let both = retryStatuses.intersection(permanentStatuses).min() {
            outcomes?.report("permanent", "\(both) stands under retry too")
        }
    }

    private static func rate(_ reader: SettingsReader) -> SendRate? {
        guard let text = reader.optionalString("rate") else { return nil }
        let rate = SendRate(text)
        if rate == nil { reader.report("rate", "must be a rate such as 50/s, 100/m or 1/10s, not \"\(text)\"") }
        return rate
    }

    private static func statuses(_ key: String, _ reader: SettingsReader) -> Set<Int> {
        let texts = reader.strings(key, default: [])
        let statuses = texts.compactMap { Int($0) }.filter { (300...599).contains($0) }
        if statuses.count != texts.count { reader.report(key, "must be a list of HTTP statuses from 300 to 599") }
        return Set(statuses)
    }
}
