internal import CommandLineKit
internal import Core
internal import JSONBytes
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Routing
internal import Settings
internal import Time

/// `dry-run`
enum DryRunVerb {
    static let verb = Verb(
        "dry-run", "counts what the routes would make of the events of a time; sends nothing.",
        details: """
            Reads the input topics of core.yaml. With --routing it says how that table differs from the
            one of core.yaml: +12 sms are new, -3 slack would not be sent any more, ~5 email have other
            content or another recipient's name. Contacts are those of now.
            """,
        options: [
            .value("--from", "TIME", "Events of TIME and later: RFC 3339, a day, or an age such as 24h. Required."),
            .value("--to", "TIME", "Events before TIME; now."),
            .value("--routing", "FILE", "A second table, to compare with."),
            .value("--examples", "N", "Examples of each sort of difference; 3."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let environment = ControlSettings.environment(invocation)
        let settings = try ControlSettings(invocation)
        let now = UnixTime.now()
        guard let from = try invocation.time("--from", now: now) else {
            throw .usage("dry-run needs --from: \(TimeText.words)")
        }
        let to = try invocation.time("--to", now: now) ?? now
        guard from < to else { throw .usage("--from must be before --to") }
        let examples = try invocation.integer("--examples", default: 3, in: 0...1000)
        var tables: [(RoutingTable, ContactTable)] = []
        let second = invocation.text("--routing")
        for routing in second == nil ? [nil] : [nil, second] {
            tables.append(try load(routing, settings, environment))
        }
        let run = DryRun(tables, maximumEventBytes: settings.core.maximumEventBytes, maximumExamples: examples)
        try read(settings, from: from, to: to, into: run, printer)
        run.finish()
        printer.format == .json ? printer.raw(json(run) + "\n") : print(run, to: printer)
        return .ok
    }

    private static func load(
        _ routing: String?, _ settings: ControlSettings, _ environment: [String: String]
    ) throws(CommandFault) -> (RoutingTable, ContactTable) {
        let loaded: (RoutingTable, ContactTable)
        do throws(SettingsError) {
            loaded = (
                try RoutingFiles.load(routing: routing, environment: environment),
                try RoutingFiles.contacts(environment: environment)
            )
        } catch {
            throw .settings(error)
        }
        if let topic = settings.core.contactsTopic {
            try withKafka(settings.kafka) { () throws(KafkaError) in
                try ContactReader.read(topic, into: loaded.1, settings.kafka)
            }
        }
        return loaded
    }

    // MARK: - Reading

    private static func read(
        _ settings: ControlSettings, from: UnixTime, to: UnixTime, into run: DryRun, _ printer: Printer
    ) throws(CommandFault) {
        let names = settings.core.inputs.map { name -> UnsafeRawBufferPointer in
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count, alignment: 1)
            bytes.copyBytes(from: name.utf8)
            return UnsafeRawBufferPointer(bytes)
        }
        defer { for name in names { name.deallocate() } }
        let start = ContinuousClock.now
        try withKafka(settings.kafka) { () throws(KafkaError) in
            let present = try Admin(settings.kafka).topics()
            let reader = try LogReader(settings.kafka)
            var spans: [LogReader.Span] = []
            var topics: [Int] = []
            for (index, name) in settings.core.inputs.enumerated() {
                guard let topic = present[name] else {
                    printer.note("there is no topic \(name)")
                    continue
                }
                let found = try Self.spans(topic, from: from, to: to, reader)
                spans += found
                topics += found.map { _ in index }
            }
            var progress = Progress(total: spans.reduce(0) { $0 + max(0, $1.end - $1.start) }, printer)
            defer { progress.end() }
            try reader.read(spans) { record in
                // A partition's records need not be in the order of their times.
                if record.timestamp < to.milliseconds, record.timestamp >= from.milliseconds || record.timestamp < 0 {
                    run.take(record, topic: names[topics[record.topic]])
                }
                progress.step()
                return printer.isOpen ? .goOn : .stop
            }
        }
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        printer.note("\(run.events) events in \(Int(seconds * 1000)) ms, \(Int(Double(run.events) / seconds)) a second")
    }

    /// The part of each partition that can hold events of the time.
    private static func spans(
        _ topic: Admin.Topic, from: UnixTime, to: UnixTime, _ reader: LogReader
    ) throws(KafkaError) -> [LogReader.Span] {
        let partitions = (0..<topic.partitions).map { TopicPartition(topic: topic.name, partition: Int32($0)) }
        let starts = try reader.offsets(notBefore: from.milliseconds, of: partitions)
        let ends = try reader.offsets(notBefore: to.milliseconds, of: partitions)
        var spans: [LogReader.Span] = []
        for partition in partitions {
            let bounds = try reader.bounds(of: partition)
            let start = starts[partition] ?? bounds.upperBound
            let end = min(ends[partition] ?? bounds.upperBound, bounds.upperBound)
            spans.append(LogReader.Span(partition, start..<max(start, end)))
        }
        return spans
    }

    // MARK: - Results

    private static func print(_ run: DryRun, to printer: Printer) {
        let cells = Set(run.before.notifications.keys).union(run.before.suppressed.keys)
            .union(run.after?.notifications.keys.map { $0 } ?? []).union(run.after?.suppressed.keys.map { $0 } ?? [])
        for cell in cells.sorted(by: { ($0.route, $0.channel.rawValue) < ($1.route, $1.channel.rawValue) }) {
            let before = run.before.notifications[cell] ?? 0
            var row: [Printer.Field] = [
                ("route", .text(cell.route)), ("channel", .text(cell.channel.rawValue)),
                ("notifications", .integer(before)), ("suppressed", .integer(run.before.suppressed[cell] ?? 0)),
            ]
            if let after = run.after {
                let count = after.notifications[cell] ?? 0
                let difference = count - before
                row += [
                    ("then", .integer(count)), ("then suppressed", .integer(after.suppressed[cell] ?? 0)),
                    ("difference", .text(difference > 0 ? "+\(difference)" : "\(difference)")),
                ]
            }
            printer.row(row)
        }
        printer.flush()
        printer.line()
        printer.line(sums(run.before, events: run.events))
        guard let after = run.after else { return }
        printer.line("then: \(sums(after, events: run.events))")
        printer.line(run.difference.isEmpty ? "no difference" : run.difference)
        for example in run.examples {
            printer.line(
                """
                \(example.change.rawValue): \(example.channel.rawValue) of route \(example.route) for \
                \(example.eventType) at \(example.place)
                """)
        }
    }

    private static func sums(_ counts: DryRun.Counts, events: Int) -> String {
        let sum = counts.notifications.values.reduce(0, +)
        return "\(events) events, \(sum) notifications, \(counts.unrouted) without a route, \(counts.rejected) rejected"
    }

    private static func json(_ run: DryRun) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("events")
        writer.integer(run.events)
        write("before", run.before, to: &writer)
        if let after = run.after {
            write("after", after, to: &writer)
            writer.key("difference")
            writer.string(run.difference)
            for change in DryRun.Change.allCases {
                writer.key(change.rawValue)
                writer.beginObject()
                for channel in ChannelName.allCases {
                    guard let count = run.changes[change]?[channel] else { continue }
                    writer.key(channel.rawValue)
                    writer.integer(count)
                }
                writer.endObject()
            }
            writer.key("examples")
            writer.beginArray()
            for example in run.examples { write(example, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private static func write(_ example: DryRun.Example, to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, value) in [
            ("change", example.change.rawValue), ("channel", example.channel.rawValue), ("route", example.route),
            ("event_type", example.eventType), ("at", example.place), ("id", example.id),
        ] {
            writer.key(name)
            writer.string(value)
        }
        writer.endObject()
    }

    private static func write(_ name: String, _ counts: DryRun.Counts, to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        writer.key("rejected")
        writer.integer(counts.rejected)
        writer.key("unrouted")
        writer.integer(counts.unrouted)
        for (name, cells) in [("notifications", counts.notifications), ("suppressed", counts.suppressed)] {
            writer.key(name)
            writer.beginArray()
            for (cell, count) in cells.sorted(by: {
                ($0.key.route, $0.key.channel.rawValue) < ($1.key.route, $1.key.channel.rawValue)
            }) {
                writer.beginObject()
                writer.key("route")
                writer.string(cell.route)
                writer.key("channel")
                writer.string(cell.channel.rawValue)
                writer.key("count")
                writer.integer(count)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
    }
}

/// How far a long reading has come: on standard error, and only where a person looks on.
private struct Progress {
    private let total: Int64
    private let printer: Printer
    private let isShown = Terminal.isErrorTerminal
    private var count: Int64 = 0

    init(total: Int64, _ printer: Printer) {
        self.total = total
        self.printer = printer
    }

    mutating func step() {
        count += 1
        guard isShown, count % 20_000 == 0 else { return }
        printer.status("\r\(count) of \(total) records (\(100 * count / max(total, 1)) %)")
    }

    func end() {
        if isShown { printer.status("\r\u{1B}[K") }
    }
}
