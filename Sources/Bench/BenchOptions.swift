/// What the command line asks for.
struct BenchOptions {
    static let help = """
        usage: Bench COMMAND [--config DIR]... [--channel NAME]... [--rounds N]

        Prints the time of the calling thread in nanoseconds and how often it asked for memory, per operation.

          scan         parse an event's JSON
          match        decide whether an event matches an event pattern
          render       render every template of DIR/templates
          id           make a notification id
          map          an event's whole way from its bytes to its notifications, with DIR/routing.yaml
          produce      hand a notification to the transactional producer (librdkafka's mock cluster)
          deliver      a webhook's and a mail's whole way through a consumer, answered at once (mock cluster)
          all          all of these
          allocations  only how often map, produce and deliver ask for memory; with --check against the budget

          --config DIR    routes and templates; the default is config/bench, then config
          --channel NAME  of deliver, webhook or email; both by default
          --rounds N      operations measured, 100000 by default
        """

    enum Command: String, CaseIterable {
        case scan, match, render, id, map, produce, deliver, allocations
    }

    private(set) var commands: [Command] = []
    private(set) var directories: [String] = []
    private(set) var channels: [String] = []
    private(set) var rounds = 100_000
    private(set) var checksBudget = false
    private(set) var wantsHelp = false

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "-h", "--help": wantsHelp = true
            case "--check": checksBudget = true
            case "--config": directories.append(try Self.value(of: word, &rest))
            case "--channel": channels.append(try Self.value(of: word, &rest))
            case "--rounds":
                guard let number = Int(try Self.value(of: word, &rest)), number > 0 else {
                    throw BenchError(message: "--rounds needs a number above 0", code: 64)
                }
                rounds = number
            case "all": commands += Command.allCases.filter { $0 != .allocations }
            default:
                guard let command = Command(rawValue: word) else {
                    throw BenchError(message: "unknown argument \(word): see Bench --help", code: 64)
                }
                commands.append(command)
            }
        }
        if directories.isEmpty { directories = ["config/bench", "config"] }
        if channels.isEmpty { channels = DeliverBench.cases.map(\.name) }
        if commands.isEmpty, !wantsHelp { throw BenchError(message: "which benchmark? See Bench --help", code: 64) }
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws(BenchError) -> String {
        guard let value = rest.popFirst() else { throw BenchError(message: "\(option) needs a value", code: 64) }
        return value
    }
}

extension BenchOptions.Command {
    func run(_ options: BenchOptions) throws {
        switch self {
        case .scan: try ScanBench.run(options)
        case .match: try MatchBench.run(options)
        case .render: try RenderBench.run(options)
        case .id: try IDBench.run(options)
        case .map: try MapBench.run(options)
        case .produce: try ProduceBench.run(options)
        case .deliver: try DeliverBench.run(options)
        case .allocations: try AllocationCheck.run(options)
        }
    }
}
