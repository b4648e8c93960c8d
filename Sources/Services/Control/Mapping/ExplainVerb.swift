internal import CommandLineKit
internal import Core
internal import Events
internal import JSONBytes
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Routing
internal import Settings
internal import Time

/// `explain`
enum ExplainVerb {
    static let verb = Verb(
        "explain", "shows what becomes of an event, and why.",
        details: """
            EVENT is a file with the event's JSON (- is standard input), or TOPIC:PARTITION:OFFSET of a
            record in Kafka. Shows every route with the first condition that failed, and every
            notification with its id, as the core would write it. Sends nothing.
            A file connects to nothing, unless core.yaml names a contacts topic; --offline never does.
            """,
        operands: [.init("EVENT", takesFile: true)],
        options: [
            .value("--routing", "FILE", "This table instead of the one of core.yaml."),
            .value("--topic", "TOPIC", "The input topic a file counts as (its source); the first of core.yaml."),
            .value("--html", "FILE", "Also write a page that shows the notifications as they will look."),
            .flag("--offline", "Do not read the contacts topic."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let environment = ControlSettings.environment(invocation)
        let settings = try ControlSettings(invocation)
        let record = try record(invocation, settings)
        let files = try files(invocation, environment)
        let contactsTopic = invocation.has("--offline") ? nil : settings.core.contactsTopic
        if let topic = contactsTopic {
            try withKafka(settings.kafka) { () throws(KafkaError) in
                try ContactReader.read(topic, into: files.contacts, settings.kafka)
            }
        }
        let report = ExplainReport(
            record, table: files.table, contacts: files.contacts,
            maximumEventBytes: settings.core.maximumEventBytes)
        report.print(to: printer)
        if let path = invocation.text("--html") {
            do throws(TextFile.Fault) {
                try TextFile.write(ExplainPage(report).html, to: path)
            } catch {
                throw CommandFault(.fatal, "\(path) \(error.message)")
            }
            printer.note("wrote \(path)")
        }
        return .ok
    }

    private static func files(
        _ invocation: Invocation, _ environment: [String: String]
    ) throws(CommandFault) -> (table: RoutingTable, contacts: ContactTable) {
        do throws(SettingsError) {
            return (
                try RoutingFiles.load(routing: invocation.text("--routing"), environment: environment),
                try RoutingFiles.contacts(environment: environment)
            )
        } catch {
            throw .settings(error)
        }
    }

    private static func record(
        _ invocation: Invocation, _ settings: ControlSettings
    ) throws(CommandFault) -> OwnedRecord {
        let name = invocation.operands[0]
        if let place = RecordPlace(name) { return try fetch(place, settings.kafka) }
        let topic = invocation.text("--topic") ?? settings.core.inputs.first ?? "events"
        do throws(TextFile.Fault) {
            let text = try TextFile.read(name == "-" ? "/dev/stdin" : name, limit: 16 << 20)
            return OwnedRecord(
                topic: topic, partition: 0, offset: 0, timestamp: UnixTime.now().milliseconds, key: nil,
                value: Array(text.utf8))
        } catch {
            // Hardly a file's name: somebody meant a record.
            let hint = "; a record in Kafka is TOPIC:PARTITION:OFFSET, as in order.events:0:42"
            throw .usage("\(name) \(error.message)\(name.contains(":") ? hint : "")")
        }
    }

    /// The record at a place, or the sentence why it is not there.
    static func fetch(_ place: RecordPlace, _ settings: KafkaSettings) throws(CommandFault) -> OwnedRecord {
        let topics = try withKafka(settings) { () throws(KafkaError) in try Admin(settings).topics() }
        guard let topic = topics[place.partition.topic] else {
            throw .usage("there is no topic \(place.partition.topic) on \(settings.brokers)")
        }
        guard place.partition.partition < topic.partitions else {
            throw .usage("\(topic.name) has no partition \(place.partition.partition)")
        }
        let reader = try withKafka(settings) { () throws(KafkaError) in try LogReader(settings) }
        let span = try withKafka(settings) { () throws(KafkaError) in
            LogReader.Span(place.partition, try reader.bounds(of: place.partition))
        }
        try place.check(in: span)
        var found: OwnedRecord?
        try withKafka(settings) { () throws(KafkaError) in
            try reader.read([.init(place.partition, place.offset..<place.offset + 1)]) { record in
                found = OwnedRecord(copying: record)
                return .stop
            }
        }
        guard let found else {
            throw CommandFault(
                .fatal, "\(place.text) holds no record: it was compacted away, or marks the end of a transaction")
        }
        return found
    }
}

extension CommandFault {
    /// The faults of configuration files, one a line.
    static func settings(_ error: SettingsError) -> CommandFault {
        CommandFault(.configuration, error.faults.map(\.text).joined(separator: "\n"))
    }
}
