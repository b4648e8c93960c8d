package import Lifecycle
package import Settings

/// What one service is: its name, its configuration and its work. Everything that every executable does the same way
/// is done by `ServiceCommand`.
package protocol ServiceDefinition: Sendable {
    /// Everything the service needs to know, checked.
    associatedtype Configuration: Sendable

    /// The executable's name, which is also the log's service name unless `OTEL_SERVICE_NAME` says otherwise.
    var name: String { get }

    /// What it does, for `--help`: one line, from a verb to a full stop.
    var summary: String { get }

    /// The file it reads, such as `email.yaml`.
    var configurationFile: String { get }

    /// Where it answers health and metrics unless configuration says otherwise, such as `127.0.0.1:9465`.
    var defaultOperationsAddress: String { get }

    /// Reads the configuration and everything it names; connects to nothing. Called at start and at each reload.
    ///
    /// Faults go into the reader: `report` one, `absorb` the reader of another file. The caller finishes the reader,
    /// so what is returned beside a fault is never used; call `finish` only to stop before work that needs all values.
    /// - Throws: what the reader's `finish` throws.
    func load(_ reader: SettingsReader) throws(SettingsError) -> Configuration

    /// Does the work on the calling thread until `context.stop` opens or it cannot go on. Takes new configurations by
    /// `context.onReload`: those that come before are kept for it.
    func run(_ configuration: Configuration, context: ServiceContext<Configuration>) -> ExitCode
}
