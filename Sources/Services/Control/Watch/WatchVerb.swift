internal import CommandLineKit
internal import Lifecycle
internal import Settings
internal import Synchronization
internal import Telemetry
internal import Time

/// `watch`
struct WatchVerb {
    let services: [any ServiceDefinition]

    var verb: Verb {
        Verb(
            "watch", "shows every process live: rates, lag, in flight, open circuits.",
            details: """
                Asks the metrics port of each process, where its file says it is. In a terminal it fills
                the screen until Ctrl-C; with --count, and elsewhere, it prints each look. Columns that do
                not fit are left out, the least important first. Why one is not ready stands below.
                """,
            options: [
                .value(
                    "--target", "NAME=HOST:PORT", repeats: true,
                    "Ask this process instead of those of the files; may be repeated."),
                .value("--interval", "TIME", "Between two looks, such as 500ms; 1s."),
                .value("--count", "N", "Print N looks and end; a first one, not printed, gives the rates."),
            ]
        ) { invocation, printer throws(CommandFault) in
            try watch(invocation, printer)
        }
    }

    private final class Answers: Sendable {
        /// By the target's position.
        let samples = Mutex<[Int: ProcessSample]>([:])
    }

    private struct Target: Sendable {
        let name: String
        let address: OperationsAddress
    }

    private func watch(_ invocation: Invocation, _ printer: Printer) throws(CommandFault) -> ExitCode {
        let targets = try targets(invocation)
        let interval =
            try invocation.parse("--interval", expecting: "a duration such as 500ms or 2s") { text in
                DurationText.parse(text).flatMap { (.milliseconds(100) ... .seconds(3600)).contains($0) ? $0 : nil }
            } ?? .seconds(1)
        let isCounted = invocation.text("--count") != nil
        let count = try invocation.integer("--count", default: .max, in: 1 ... .max)
        let stop = Latch()
        let signals = Signals.install(onTerminate: { stop.open() })
        return withExtendedLifetime(signals) {
            let isTerminal = printer.format == .table && Terminal.size != nil
            // What was asked for a number of times is to be read afterwards: it stays where it was written.
            let isScreen = isTerminal && !isCounted
            if isScreen { printer.raw("\u{1B}[?1049h\u{1B}[?25l") }
            defer { if isScreen { printer.raw("\u{1B}[?25h\u{1B}[?1049l") } }
            // A rate needs two looks; who wants few of them wants every one complete.
            var earlier = isCounted ? Self.ask(targets) : []
            if isCounted, stop.wait(timeout: interval) { return .ok }
            for round in 1...count {
                let samples = Self.ask(targets)
                if isScreen {
                    draw(samples, earlier, printer)
                } else if isTerminal {
                    Self.write(samples, earlier, isFirst: round == 1, printer)
                } else {
                    Self.print(samples, earlier, printer)
                }
                earlier = samples
                guard printer.isOpen, round < count, !stop.wait(timeout: interval) else { break }
            }
            return .ok
        }
    }

    // MARK: - Asking

    private func targets(_ invocation: Invocation) throws(CommandFault) -> [Target] {
        var targets: [Target] = []
        for text in invocation.all("--target") {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let address = OperationsAddress(parts[1]) else {
                throw .usage("--target must be NAME=HOST:PORT, such as core=127.0.0.1:9464, not \"\(text)\"")
            }
            targets.append(Target(name: parts[0], address: address))
        }
        guard targets.isEmpty else { return targets }
        var environment = ControlSettings.environment(invocation)
        // It would be the same for all.
        environment["METRICS_SERVER_ADDRESS"] = nil
        return services.map { Self.target($0, environment) }
    }

    private static func target(_ service: some ServiceDefinition, _ environment: [String: String]) -> Target {
        let file = ConfigLocator.find(service.configurationFile, environment: environment)
        let reader = SettingsReader(file: file, environment: environment)
        let settings = ProcessSettings(reader, name: service.name, defaultAddress: service.defaultOperationsAddress)
        return Target(name: service.name, address: settings.operationsAddress)
    }

    /// All at once, so that one that hangs does not hide the others.
    private static func ask(_ targets: [Target]) -> [ProcessSample] {
        let answers = Answers()
        let threads = targets.enumerated().map { index, target in
            OSThread(name: "watch") {
                let sample = ask(target)
                answers.samples.withLock { $0[index] = sample }
            }
        }
        for thread in threads { thread.join() }
        return answers.samples.withLock { found in targets.indices.compactMap { found[$0] } }
    }

    private static func ask(_ target: Target) -> ProcessSample {
        let at = ContinuousClock.now
        var sample = ProcessSample(name: target.name, state: .down, metrics: nil, at: at)
        do throws(OperationsClient.Fault) {
            let get = { (path: String) throws(OperationsClient.Fault) in
                try OperationsClient.get(path, at: target.address, timeoutSeconds: 2)
            }
            let metrics = try get("/metrics")
            guard metrics.status == 200 else {
                sample.reason = "the answer to /metrics is \(metrics.status)"
                return sample
            }
            let (live, ready) = (try get("/livez"), try get("/readyz"))
            sample.state = live.status != 200 ? .stuck : ready.status != 200 ? .waiting : .ready
            sample.reason = [live, ready].first { $0.status != 200 }.map { $0.body.split(separator: "\n").first ?? "" }
                .map(String.init)
            sample.metrics = MetricsText(metrics.body)
        } catch {
            sample.reason = error.message
        }
        return sample
    }

    // MARK: - Showing

    private func draw(_ samples: [ProcessSample], _ earlier: [ProcessSample], _ printer: Printer) {
        // Asked each time: the terminal may have changed.
        let size = Terminal.size ?? (80, 24)
        let lines = WatchView(samples: samples, earlier: earlier).lines(columns: size.columns, rows: size.rows)
        // Home, each line cleared behind its text, and nothing below the last.
        printer.raw("\u{1B}[H" + lines.map { "\(Printable.text($0))\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// A look that stays, as long as it is, with an empty line between two.
    private static func write(
        _ samples: [ProcessSample], _ earlier: [ProcessSample], isFirst: Bool, _ printer: Printer
    ) {
        let columns = Terminal.size?.columns ?? 80
        let lines = WatchView(samples: samples, earlier: earlier).lines(columns: columns, rows: .max)
        printer.raw((isFirst ? "" : "\n") + lines.map { "\(Printable.text($0))\n" }.joined())
    }

    private static func print(_ samples: [ProcessSample], _ earlier: [ProcessSample], _ printer: Printer) {
        for sample in samples {
            let before = earlier.first { $0.name == sample.name }
            printer.row(
                [("process", .text(sample.name)), ("state", .text(sample.state.rawValue))]
                    + WatchColumn.all.map { column in
                        let value = column.value(sample, since: before)
                        return (column.name, value.map { cell($0, printer.format) } ?? .none)
                    } + [("reason", sample.reason.map { .text($0) } ?? .none)])
        }
        printer.flush()
    }

    private static func cell(_ value: Double, _ format: Printer.Format) -> Printer.Cell {
        format == .table ? .text(WatchView.number(value)) : .json("\((value * 1000).rounded() / 1000)")
    }
}
