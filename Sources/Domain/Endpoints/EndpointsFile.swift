package import Notifications
package import Settings

/// `config/endpoints.yaml`: the destinations that routes name.
package enum EndpointsFile {
    /// The key and the variable by which an executable's own file names this one.
    package static func path(_ reader: SettingsReader) -> String {
        reader.path("endpoints_file", env: "ENDPOINTS_FILE", default: "endpoints.yaml")
    }

    /// Reads the endpoints of one channel; the variables of other channels are not looked at.
    ///
    /// - Parameters:
    ///   - file: the reader of this file; faults go into it.
    ///   - make: turns an endpoint into what the channel needs; it reports what is wrong in the endpoint's reader.
    package static func read<Value>(
        _ file: SettingsReader, channel: ChannelName, make: (Endpoint, SettingsReader) -> Value?
    ) -> [String: Value] {
        var values: [String: Value] = [:]
        for (name, owner, reader) in entries(file) {
            guard owner == channel else {
                reader.ignoreUnknownKeys()
                continue
            }
            values[name] = make(Endpoint(name: name, channel: channel, reading: reader), reader)
        }
        return values
    }

    /// The names of all endpoints with their channels, for who only refers to them; resolves no variable but in
    /// `channel`. Faults go into `file`.
    package static func names(_ file: SettingsReader) -> [(name: String, channel: ChannelName)] {
        entries(file).map { name, channel, reader in
            reader.ignoreUnknownKeys()
            return (name, channel)
        }
    }

    private static func entries(
        _ file: SettingsReader
    ) -> [(name: String, channel: ChannelName, reader: SettingsReader)] {
        file.sections(in: "endpoints").compactMap { name, reader in
            if !isName(name) {
                reader.report("", "a name is 1 to 64 letters, digits, points, hyphens and underscores")
            }
            let word = reader.requiredString("channel")
            guard let channel = ChannelName(rawValue: word), channel == .webhook || channel == .slack else {
                if !word.isEmpty {
                    reader.report(
                        "channel", "must be webhook or slack, not \"\(word)\"",
                        suggestion: Suggestion.nearest(to: word, among: ["webhook", "slack"]))
                }
                reader.ignoreUnknownKeys()
                return nil
            }
            return (name, channel, reader)
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
            }
    }
}
