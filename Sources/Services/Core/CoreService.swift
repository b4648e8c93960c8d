package import CommandLineKit
internal import Kafka
package import Lifecycle
package import Settings
package import Telemetry
internal import Time

/// The core as a service: reads events, maps them, writes notifications, in Kafka transactions.
package struct CoreService: ServiceDefinition {
    private let registry: MetricsRegistry
    private let stallLimit: Duration

    /// - Parameters:
    ///   - registry: what the operations server shows, for whoever wants to read it without one.
    ///   - stallLimit: after this long without a commit, while records wait and Kafka is there, it is not alive.
    package init(registry: MetricsRegistry = MetricsRegistry(), stallLimit: Duration = .seconds(180)) {
        self.registry = registry
        self.stallLimit = stallLimit
    }

    package var name: String { "core-service" }
    package var summary: String { "maps domain events to notifications, exactly once." }
    package var configurationFile: String { "core.yaml" }
    package var defaultOperationsAddress: String { "127.0.0.1:9464" }

    package func load(_ reader: SettingsReader) throws(SettingsError) -> CoreConfiguration {
        try CoreConfiguration(reader)
    }

    package func run(_ configuration: CoreConfiguration, context: ServiceContext<CoreConfiguration>) -> ExitCode {
        do throws(CoreFailure) {
            try CoreProcess(configuration, context: context, registry: registry, stallLimit: stallLimit).run()
            return .ok
        } catch {
            Log().error("fatal", error.message, [LogField("exit_code", error.exitCode.rawValue)])
            return error.exitCode
        }
    }
}
