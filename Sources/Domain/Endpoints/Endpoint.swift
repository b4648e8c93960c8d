package import Notifications
package import Settings

/// A destination of webhooks or Slack messages that configuration names, with its variables resolved.
///
/// Checked for shape only: whether the URL and the secrets are good ones is for the channel to say, with
/// ``fault(_:_:)``.
package struct Endpoint: Sendable {
    /// The name a route uses; the lane's and the circuit's key and a metric label.
    package let name: String
    package let channel: ChannelName
    package let url: String
    /// Standard Webhooks secrets, two while rotating; none for Slack.
    package let secrets: [Secret]
    package let headers: [(name: String, value: String)]
    /// Limit of one attempt.
    package let timeout: Duration
    /// Attempts in flight at once, at least 1.
    package let maxInFlight: Int
    /// nil: no limit.
    package let rate: EndpointRate?
    /// HTTP statuses that this endpoint means differently than the channel's table says.
    package let retryStatuses: Set<Int>
    package let permanentStatuses: Set<Int>

    let file: String
    /// The lines of the keys that later checks look at; `""` is the endpoint's own.
    let lines: [String: Int]

    /// A fault of one of the endpoint's keys, such as `url`, for checks that come later.
    package func fault(_ key: String, _ message: String) -> SettingsFault {
        SettingsFault(file: file, line: lines[key] ?? lines[""], key: "endpoints.\(name).\(key)", message: message)
    }
}

/// So many sends per time: `50/s`, `600/m`, `1000/h`.
package struct EndpointRate: Sendable, Hashable {
    package let count: Int
    package let per: Duration
    /// So many at once after a quiet while; nil: a tenth of `count`, at least one.
    package var burst: Int?

    package init(count: Int, per: Duration, burst: Int? = nil) {
        self.count = count
        self.per = per
        self.burst = burst
    }

    /// nil where `text` is no rate, or a rate of 0.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count), parts[0].first != "+" else {
            return nil
        }
        switch parts[1] {
        case "s": self.init(count: count, per: .seconds(1))
        case "m": self.init(count: count, per: .seconds(60))
        case "h": self.init(count: count, per: .seconds(3_600))
        default: return nil
        }
    }
}

extension EndpointRate {
    /// Reads the keys `rate`, such as `50/s`, and `burst`.
    ///
    /// - Parameters:
    ///   - reader: takes the faults.
    ///   - usual: where `rate` is not there.
    /// - Returns: nil where there is no rate.
    package static func read(_ reader: SettingsReader, default usual: EndpointRate? = nil) -> EndpointRate? {
        var rate = usual
        if let text = reader.optionalString("rate") {
            rate = EndpointRate(text)
            guard rate != nil else {
                reader.report("rate", "must be a rate such as 50/s, 600/m or 1000/h, not \"\(text)\"")
                return nil
            }
        }
        guard let text = reader.optionalString("burst") else { return rate }
        rate?.burst = Int(text)
        if rate == nil {
            reader.report("burst", "limits nothing without a rate")
        } else if !(1...10_000).contains(rate?.burst ?? 0) {
            reader.report("burst", "must be from 1 to 10000, not \(text)")
        }
        return rate
    }
}

/// What the core needs of an endpoint: that it exists, and for which channel.
package struct EndpointName: Sendable, Hashable {
    package let name: String
    package let channel: ChannelName

    package init(name: String, channel: ChannelName) {
        self.name = name
        self.channel = channel
    }
}
