package import Lifecycle
internal import Settings
internal import Telemetry

/// The command line of every service, and the only code its executable runs:
///
///     ServiceCommand.main(CoreService())
package enum ServiceCommand {
    /// Where a command writes, so that tests can read it.
    package struct Output {
        var write: (String) -> Void
        var writeError: (String) -> Void

        package init(write: @escaping (String) -> Void, writeError: @escaping (String) -> Void) {
            self.write = write
            self.writeError = writeError
        }
    }

    /// Runs the service as the process's command line says, and leaves the process.
    package static func main(_ definition: some ServiceDefinition) -> Never {
        var failure: String?
        let output = Output(
            write: { if case .failed(let reason) = Console.write($0) { failure = reason } },
            writeError: Console.writeError)
        let code = run(
            definition, arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.current,
            output: output)
        if let failure, code == .ok {
            let fault = CommandFault.output(failure)
            Console.writeError("\(definition.name): \(fault.message)\n")
            fault.code.leave()
        }
        code.leave()
    }

    /// The same without the process around it.
    /// - Parameter arguments: without the executable's name.
    package static func run(
        _ definition: some ServiceDefinition, arguments: [String], environment: [String: String], output: Output
    ) -> ExitCode {
        let parsed: ServiceArguments
        do throws(ServiceArguments.Fault) {
            parsed = try ServiceArguments(arguments)
        } catch {
            output.writeError("\(definition.name): \(error.message) (see \(definition.name) --help)\n")
            return .usage
        }
        let loader = ServiceLoader(
            definition: definition, environment: environment, explicitFile: parsed.configurationFile)
        switch parsed.action {
        case .help: output.write(ServiceHelp.text(of: definition))
        case .version: output.write("\(definition.name) \(ServiceVersion.current)\n")
        case .health: return health(loader, output)
        case .check: return check(loader, output)
        case .printConfiguration: return printConfiguration(loader, output)
        case .run: return serve(loader, output)
        }
        return .ok
    }

    private static func check(_ loader: ServiceLoader<some ServiceDefinition>, _ output: Output) -> ExitCode {
        let outcome = loader.load()
        guard outcome.loaded != nil else { return refuse(outcome.faults, output) }
        let files = outcome.files.isEmpty ? ["no configuration file, defaults"] : outcome.files
        for file in files { output.write("\(file): ok\n") }
        return .ok
    }

    private static func printConfiguration(
        _ loader: ServiceLoader<some ServiceDefinition>, _ output: Output
    ) -> ExitCode {
        let outcome = loader.load()
        for setting in outcome.effective { output.write("\(setting.text)\n") }
        return outcome.loaded == nil ? refuse(outcome.faults, output) : .ok
    }

    private static func health(_ loader: ServiceLoader<some ServiceDefinition>, _ output: Output) -> ExitCode {
        let result = HealthProbe.run(address: loader.processSettings().operationsAddress)
        result.exitCode == .ok ? output.write("\(result.text)\n") : output.writeError("\(result.text)\n")
        return result.exitCode
    }

    private static func serve<Definition: ServiceDefinition>(
        _ loader: ServiceLoader<Definition>, _ output: Output
    ) -> ExitCode {
        // Before any thread, so that all inherit it and a signal that comes while loading waits.
        Signals.block()
        let descriptors = DescriptorLimit.raise()
        let outcome = loader.load()
        guard let loaded = outcome.loaded else { return refuse(outcome.faults, output) }
        let process = loaded.process
        Log.bootstrap(service: process.serviceName, level: process.logLevel, format: process.logFormat)
        let context = ServiceContext<Definition.Configuration>(process: process)
        let signals = Signals.install(
            onTerminate: {
                Log().info("stopping", "A stop was asked for.")
                context.requestStop()
            },
            onReload: { reload(loader, into: context) })
        let version = LogField("version", ServiceVersion.current)
        let allocator = LogField("allocator", Allocator.name)
        Log().info(
            "starting", "The service starts.",
            [
                version, allocator, LogField("descriptors", descriptors),
                LogField("files", outcome.files.joined(separator: " ")),
            ])
        let code = withExtendedLifetime(signals) { loader.definition.run(loaded.configuration, context: context) }
        Log().info("stopped", "The service leaves.", [LogField("exit_code", code.rawValue)])
        return code
    }

    private static func reload<Definition: ServiceDefinition>(
        _ loader: ServiceLoader<Definition>, into context: ServiceContext<Definition.Configuration>
    ) {
        let outcome = loader.load()
        guard let loaded = outcome.loaded else {
            for fault in outcome.faults {
                Log().error("reload_fault", "The configuration has a fault.", [LogField("fault", fault.text)])
            }
            Log().error(
                "reload_refused", "The configuration was not taken; the old one stays.",
                [LogField("faults", outcome.faults.count)])
            return
        }
        context.reload(loaded.configuration)
        Log().info("reloaded", "The configuration was read again.")
    }

    private static func refuse(_ faults: [SettingsFault], _ output: Output) -> ExitCode {
        output.writeError(faults.map { "\($0.text)\n" }.joined())
        return .configuration
    }
}
