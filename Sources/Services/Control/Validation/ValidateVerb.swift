internal import CommandLineKit
internal import Core
internal import Endpoints
internal import Lifecycle
internal import Notifications
internal import Routing
internal import Settings

/// `validate`
struct ValidateVerb {
    let services: [any ServiceDefinition]

    var verb: Verb {
        Verb(
            "validate", "names every fault of configuration, routes, templates and endpoints.",
            details: """
                Connects to nothing. Without FILES it checks what every service would load, each with its
                variables. A file is one of \(services.map(\.configurationFile).joined(separator: ", ")),
                or a routing table, endpoints or contacts of any name.
                Exit code 78 where there is a fault.
                """,
            operands: [.init("FILE", isRequired: false, repeats: true, takesFile: true)]
        ) { invocation, printer throws(CommandFault) in
            try check(invocation, printer)
        }
    }

    private func check(_ invocation: Invocation, _ printer: Printer) throws(CommandFault) -> ExitCode {
        var environment = invocation.environment
        if let folder = invocation.text("--config") { environment["CONFIG_DIR"] = folder }
        if let brokers = invocation.text("--brokers") { environment["KAFKA_BROKERS"] = brokers }
        var files: [String] = []
        var faults: [SettingsFault] = []
        let add = { (check: (files: [String], faults: [SettingsFault])) in
            for file in check.files where !files.contains(file) { files.append(file) }
            // Services share files, and so their faults.
            for fault in check.faults where !faults.contains(fault) { faults.append(fault) }
        }
        if invocation.operands.isEmpty {
            for service in services { add(Self.check(service, nil, environment)) }
        }
        for file in invocation.operands { add(try check(file: file, environment)) }
        for fault in faults { Self.print(fault, printer) }
        for file in files where !faults.contains(where: { $0.file == file }) {
            printer.line("\(file): ok")
            // Nothing at all would look the same as a check that never ran; with faults, every row is one.
            if printer.format == .json, faults.isEmpty { printer.row([("file", .text(file)), ("ok", .flag(true))]) }
        }
        guard faults.isEmpty else {
            printer.note("\(faults.count) \(faults.count == 1 ? "fault" : "faults")")
            return .configuration
        }
        return .ok
    }

    private static func print(_ fault: SettingsFault, _ printer: Printer) {
        guard printer.format == .json else { return printer.line(fault.text) }
        printer.row([
            ("file", .text(fault.file)), ("line", .optional(fault.line)),
            ("key", fault.key.isEmpty ? .none : .text(fault.key)), ("message", .text(fault.message)),
            ("suggestion", .optional(fault.suggestion)),
        ])
    }

    private static func check(
        _ service: some ServiceDefinition, _ file: String?, _ environment: [String: String]
    ) -> (files: [String], faults: [SettingsFault]) {
        let check = ServiceCheck(service, file: file, environment: environment)
        return (check.files, check.faults)
    }

    // MARK: - One file

    /// A service's own file by its name; else by what is in it.
    private func check(
        file: String, _ environment: [String: String]
    ) throws(CommandFault) -> (files: [String], faults: [SettingsFault]) {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        if let service = services.first(where: { $0.configurationFile == name }) {
            return Self.check(service, file, environment)
        }
        var faults: [SettingsFault] = []
        guard let node = YAMLNode.load(file: file, faults: &faults) else { return ([file], faults) }
        do throws(SettingsError) {
            if node["routes"] != nil {
                _ = try RoutingFiles.load(routing: file, environment: environment)
            } else if node["endpoints"] != nil {
                for channel in [ChannelName.webhook, .slack] {
                    do throws(SettingsError) {
                        _ = try EndpointsFile.load(file: file, channel: channel, environment: environment)
                    } catch {
                        faults += error.faults.filter { !faults.contains($0) }
                    }
                }
            } else if node["contacts"] != nil {
                try ContactTable().load(file: file, environment: environment)
            } else {
                throw SettingsError(faults: [
                    SettingsFault(
                        file: file,
                        message:
                            "has none of the keys routes, endpoints and contacts, and is no service's file by its name")
                ])
            }
        } catch {
            faults += error.faults.filter { !faults.contains($0) }
        }
        return ([file], faults)
    }
}
