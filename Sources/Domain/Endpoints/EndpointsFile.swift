package import Notifications
package import Settings

/// Reads `config/endpoints.yaml`.
///
/// A channel's consumer resolves only its own endpoints, so that it needs only its own variables; the core resolves
/// none.
package enum EndpointsFile {
    /// The channels that have endpoints.
    private enum Kind: String, CaseIterable {
        case webhook, slack

        var channel: ChannelName { self == .webhook ? .webhook : .slack }
    }

    /// Slack's own limit for an incoming webhook.
    private static let slackRate = EndpointRate(count: 1, per: .seconds(1))

    /// Reads the endpoints of one channel.
    ///
    /// - Throws: every fault of them, and every fault of the file's shape.
    package static func load(
        file: String, channel: ChannelName, environment: [String: String]
    ) throws(SettingsError) -> [String: Endpoint] {
        let reader = SettingsReader(file: file, environment: environment)
        let endpoints = read(reader, channel: channel)
        try reader.finish()
        return endpoints
    }

    /// The same for a reader that the caller absorbs into its own; faults are noted there.
    package static func read(_ reader: SettingsReader, channel: ChannelName) -> [String: Endpoint] {
        var endpoints: [String: Endpoint] = [:]
        for (name, kind, section) in sections(reader) {
            if kind.channel == channel {
                endpoints[name] = endpoint(name, kind, section, reader.file ?? "")
            } else {
                section.ignoreUnknownKeys()
            }
        }
        return endpoints
    }

    /// The names of all endpoints; resolves no variable.
    ///
    /// - Throws: every fault of the file's shape.
    package static func names(file: String) throws(SettingsError) -> [EndpointName] {
        let reader = SettingsReader(file: file, environment: [:])
        let names = readNames(reader)
        try reader.finish()
        return names
    }

    /// The same for a reader that the caller absorbs into its own.
    package static func readNames(_ reader: SettingsReader) -> [EndpointName] {
        sections(reader).map { name, kind, section in
            section.ignoreUnknownKeys()
            return EndpointName(name: name, channel: kind.channel)
        }
    }

    private static func sections(_ reader: SettingsReader) -> [(String, Kind, SettingsReader)] {
        reader.sections(in: "endpoints").compactMap { name, section in
            let isPlain = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            if !isPlain || !(1...64).contains(name.utf8.count) {
                section.report(
                    "", "an endpoint's name must be 1 to 64 letters, digits, hyphens, underscores and points")
            }
            guard section.has("channel") else {
                section.ignoreUnknownKeys()
                _ = section.requiredString("channel")
                return nil
            }
            return (name, section.choice("channel", default: Kind.webhook), section)
        }
    }

    private static func endpoint(_ name: String, _ kind: Kind, _ section: SettingsReader, _ file: String) -> Endpoint {
        let url = kind == .slack ? section.requiredSecret("url").value : section.requiredString("url")
        let secrets = section.secrets("secrets")
        if kind == .slack, section.has("secrets") {
            section.report("secrets", "only a webhook is signed; Slack's secret is the URL")
        } else if kind == .webhook, !section.has("secrets") {
            section.report("secrets", "missing; a webhook needs one secret, or two while rotating")
        }
        let outcomes = section.section("outcomes")
        let retry = statuses("retry", outcomes)
        let permanent = statuses("permanent", outcomes)
        if let both = retry.intersection(permanent).min() {
            outcomes.report("permanent", "\(both) is in retry too")
        }
        var lines: [String: Int] = [:]
        for key in ["channel", "url", "secrets", "headers"] { lines[key] = section.node(key)?.line }
        lines[""] = lines["channel"]
        return Endpoint(
            name: name, channel: kind.channel, url: url, secrets: secrets, headers: headers(section),
            timeout: section.duration("timeout", default: .seconds(15), in: .milliseconds(100) ... .seconds(300)),
            maxInFlight: section.int("max_in_flight", default: 16, in: 1...10_000),
            rate: EndpointRate.read(section, default: kind == .slack ? slackRate : nil), retryStatuses: retry,
            permanentStatuses: permanent, file: file, lines: lines)
    }

    private static func headers(_ section: SettingsReader) -> [(name: String, value: String)] {
        let headers = section.dictionary("headers", isSecret: true)
        for header in headers {
            if !header.name.utf8.allSatisfy(isTokenByte) || header.name.isEmpty {
                section.report("headers", "\"\(header.name)\" is no header name")
            }
            if header.value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
                section.report("headers", "the value of \(header.name) holds a control character")
            }
        }
        return headers
    }

    /// A byte of RFC 9110's token.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func statuses(_ key: String, _ section: SettingsReader) -> Set<Int> {
        let texts = section.strings(key, default: [])
        let statuses = texts.compactMap { Int($0) }.filter { (300...599).contains($0) }
        if statuses.count != texts.count { section.report(key, "must be a list of HTTP statuses from 300 to 599") }
        return Set(statuses)
    }
}
