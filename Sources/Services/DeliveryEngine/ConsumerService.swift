package import CommandLineKit
internal import Kafka
internal import KafkaOperations
package import Lifecycle
package import Notifications
package import Settings
internal import Telemetry
internal import Tracing
package import Transfer

/// A channel's consumer as a service: everything around the channel itself.
///
/// An executable is one line: `ServiceCommand.main(ConsumerService(.sms) { SMSChannel.load($0) })`.
package struct ConsumerService: ServiceDefinition {
    /// What a channel reads of its settings file.
    package struct Parts: Sendable {
        package let channel: any Channel
        package let transfer: TransferSettings

        package init(channel: any Channel, transfer: TransferSettings) {
            self.channel = channel
            self.transfer = transfer
        }
    }

    package struct Configuration: Sendable {
        package let settings: ChannelConsumerSettings
        /// `nil` only beside a fault in the reader.
        package let parts: Parts?
    }

    private let channel: ChannelName
    private let loadParts: @Sendable (SettingsReader) throws(SettingsError) -> Parts?

    /// - Parameter loadParts: reads the channel's own keys; `nil` where a fault was noted in the reader.
    package init(
        _ channel: ChannelName, loadParts: @escaping @Sendable (SettingsReader) throws(SettingsError) -> Parts?
    ) {
        self.channel = channel
        self.loadParts = loadParts
    }

    package var name: String { "\(channel.rawValue)-consumer" }
    package var summary: String { "delivers the notifications of notifications.\(channel.rawValue)." }
    package var configurationFile: String { "\(channel.rawValue).yaml" }

    package var defaultOperationsAddress: String {
        switch channel {
        case .email: "127.0.0.1:9465"
        case .sms: "127.0.0.1:9466"
        case .webhook: "127.0.0.1:9467"
        case .slack: "127.0.0.1:9468"
        }
    }

    package func load(_ reader: SettingsReader) throws(SettingsError) -> Configuration {
        let settings = ChannelConsumerSettings(reader, channel: channel)
        settings.checkClients(reader)
        return Configuration(settings: settings, parts: try loadParts(reader))
    }

    package func run(_ configuration: Configuration, context: ServiceContext<Configuration>) -> ExitCode {
        let log = Log()
        guard let parts = configuration.parts else { return .configuration }
        var settings = configuration.settings
        settings.kafka.log = { KafkaLog.write($0) }
        let registry = MetricsRegistry()
        let tracer: Tracer?
        do throws(TransferFailure) {
            tracer = try context.process.startTracer(registry)
        } catch {
            log.error("tracing_fatal", error.message)
            return .configuration
        }
        defer { tracer?.stop() }
        let process = ConsumerProcess(
            settings: settings, channel: parts.channel, registry: registry, tracer: tracer, stop: context.stop
        ) { onCompletion throws(TransferFailure) in
            try TransferThread(settings: parts.transfer, onCompletion: onCompletion)
        }
        let watchdog = Watchdog(name: name, limit: settings.watchdogLimit)
        defer { watchdog.stop() }
        let health = process.health
        ProcessMetrics.register(
            in: registry, version: ServiceVersion.current, waited: { health.progress.waited() },
            isReady: { health.readiness })
        do throws(OperationsServer.Fault) {
            let operations = try OperationsServer(
                address: context.process.operationsAddress, registry: registry,
                live: { watchdog.isProgressing ? health.liveness : .unhealthy("the loop makes no progress") },
                ready: { health.readiness })
            defer { operations.stop() }
            context.onStop(process.wake)
            let reload = process.reload
            context.onReload { configuration in
                if let parts = configuration.parts { reload(parts.channel) }
            }
            return process.run { watchdog.beat() }
        } catch {
            log.error("operations_fatal", error.message)
            return .configuration
        }
    }
}
