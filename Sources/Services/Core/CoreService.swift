package import CommandLineKit
internal import Kafka
package import Lifecycle
package import Settings
internal import Telemetry
internal import Time

/// The core as a service: reads events, maps them, writes notifications, in Kafka transactions.
package struct CoreService: ServiceDefinition {
    package init() {}

    package var name: String { "core-service" }
    package var summary: String { "maps domain events to notifications, exactly once." }
    package var configurationFile: String { "core.yaml" }
    package var defaultOperationsAddress: String { "127.0.0.1:9464" }

    package func load(_ reader: SettingsReader) throws(SettingsError) -> CoreConfiguration {
        try CoreConfiguration(reader)
    }

    package func run(_ configuration: CoreConfiguration, context: ServiceContext<CoreConfiguration>) -> ExitCode {
        do throws(CoreFailure) {
            try CoreProcess(configuration, context: context).run()
            return .ok
        } catch {
            Log().error("fatal", error.message, [LogField("exit_code", error.exitCode.rawValue)])
            return error.exitCode
        }
    }
}
