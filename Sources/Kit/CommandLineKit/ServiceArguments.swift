internal import Settings

/// The command line of a service, parsed.
struct ServiceArguments: Equatable {
    enum Action: Equatable {
        case run, check, printConfiguration, health, version, help
    }

    /// The command line cannot be understood; one sentence for people.
    struct Fault: Error, Equatable {
        let message: String
    }

    var action = Action.run
    var configurationFile: String?

    private static let actions: [(option: String, action: Action)] = [
        ("--check", .check), ("--print-config", .printConfiguration), ("--health", .health), ("--version", .version),
        ("--help", .help),
    ]

    /// - Parameter arguments: without the executable's name.
    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        var chosen: String?
        while let argument = rest.popFirst() {
            if argument == "--config" {
                guard let file = rest.popFirst() else { throw Fault(message: "--config needs a file") }
                try choose(file: file)
            } else if argument.hasPrefix("--config=") {
                try choose(file: String(argument.dropFirst("--config=".count)))
            } else if let match = Self.actions.first(where: {
                $0.option == argument || argument == "-h" && $0.action == .help
            }) {
                if let chosen, chosen != match.option {
                    throw Fault(message: "\(chosen) and \(match.option) cannot be used together")
                }
                chosen = match.option
                action = match.action
            } else {
                throw Self.unknown(argument)
            }
        }
    }

    private mutating func choose(file: String) throws(Fault) {
        guard !file.isEmpty else { throw Fault(message: "--config needs a file") }
        guard configurationFile == nil else { throw Fault(message: "--config was given twice") }
        configurationFile = file
    }

    private static func unknown(_ argument: String) -> Fault {
        guard argument.hasPrefix("-") else { return Fault(message: "unexpected argument \"\(argument)\"") }
        let name = String(argument.prefix { $0 != "=" })
        let known = ["--config"] + actions.map(\.option)
        let suggestion = Suggestion.nearest(to: name, among: known).map { ", did you mean \($0)?" } ?? ""
        return Fault(message: "unknown option \(name)\(suggestion)")
    }
}
