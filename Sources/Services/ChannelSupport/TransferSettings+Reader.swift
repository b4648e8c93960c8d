package import Settings
package import Transfer

extension TransferSettings {
    /// Reads what every channel that speaks HTTP has; faults go into the reader.
    ///
    /// | key | variable | default |
    /// |---|---|---|
    /// | `allow_networks` | `ALLOW_NETWORKS` | none |
    /// | `ca_file` | | the system's authorities |
    /// | `connect_timeout` | | 10s |
    package init(reading reader: SettingsReader) {
        self.init()
        for text in reader.strings("allow_networks", env: "ALLOW_NETWORKS", default: []) {
            do throws(NetworkRange.Fault) {
                allowNetworks.append(try NetworkRange(text))
            } catch {
                reader.report("allow_networks", error.message)
            }
        }
        caFile = reader.optionalPath("ca_file")
        connectTimeout = reader.duration(
            "connect_timeout", default: connectTimeout, in: .milliseconds(100) ... .seconds(300))
    }
}
