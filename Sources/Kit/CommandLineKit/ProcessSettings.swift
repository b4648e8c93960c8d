package import Settings
package import Telemetry
package import Tracing

/// The settings that every process has.
package struct ProcessSettings: Sendable, Equatable {
    /// The service's name in logs.
    package var serviceName: String
    package var logLevel: Log.Level
    /// nil: text on a terminal, JSON elsewhere.
    package var logFormat: Log.Format?
    /// Where health and metrics are answered.
    package var operationsAddress: OperationsAddress
    /// Where spans go; nil: nowhere.
    package var tracing: TraceSettings?

    package init(
        serviceName: String, logLevel: Log.Level = .info, logFormat: Log.Format? = nil,
        operationsAddress: OperationsAddress = .off, tracing: TraceSettings? = nil
    ) {
        self.serviceName = serviceName
        self.logLevel = logLevel
        self.logFormat = logFormat
        self.operationsAddress = operationsAddress
        self.tracing = tracing
    }

    /// Reads:
    /// - `log.level` (`LOG_LEVEL`): debug, info, warning or error; info.
    /// - `log.format` (`LOG_FORMAT`): json, text or auto; auto, which is text on a terminal and JSON elsewhere.
    /// - `metrics.address` (`METRICS_SERVER_ADDRESS`): host and port, `:port` for all interfaces, or off.
    /// - `service_name` (`OTEL_SERVICE_NAME`): the executable's name.
    /// - `tracing`: see `TraceSettings`.
    package init(_ reader: SettingsReader, name: String, defaultAddress: String) {
        let log = reader.section("log")
        logLevel = log.choice("level", env: "LOG_LEVEL", default: .info)
        logFormat = log.choice("format", env: "LOG_FORMAT", default: FormatChoice.auto).format
        let metrics = reader.section("metrics")
        let address = metrics.string("address", env: "METRICS_SERVER_ADDRESS", default: defaultAddress)
        operationsAddress = OperationsAddress(address) ?? .off
        if OperationsAddress(address) == nil {
            metrics.report("address", "must be host:port, :port or off, not \"\(address)\"")
        }
        serviceName = reader.string("service_name", env: "OTEL_SERVICE_NAME", default: name)
        tracing = TraceSettings(reader.section("tracing"))
    }

    private enum FormatChoice: String, CaseIterable {
        case auto, json, text

        var format: Log.Format? {
            switch self {
            case .auto: nil
            case .json: .json
            case .text: .text
            }
        }
    }
}
