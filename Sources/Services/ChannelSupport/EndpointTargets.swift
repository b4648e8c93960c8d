package import Endpoints
package import Notifications
package import Settings

/// The endpoints of one channel as its configuration file names them.
package enum EndpointTargets {
    /// Reads the file of `endpoints_file` (`ENDPOINTS_FILE`): endpoints.yaml beside the channel's own file.
    ///
    /// - Parameters:
    ///   - reader: of the channel's own file; takes the faults.
    ///   - make: turns an endpoint into what the channel needs; nil beside a fault.
    package static func read<Value>(
        _ reader: SettingsReader, channel: ChannelName, make: (Endpoint) -> Value?
    ) -> [String: Value] {
        let path = reader.path("endpoints_file", env: "ENDPOINTS_FILE", default: "endpoints.yaml")
        let file = SettingsReader(file: path, environment: reader.environment)
        let values = EndpointsFile.read(file, channel: channel).compactMapValues(make)
        reader.absorb(file)
        return values
    }
}
