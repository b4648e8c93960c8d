internal import CommandLineKit
internal import DeadLetters
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Time

/// `dlq …`
enum DeadLetterVerbs {
    static let queues = ChannelName.allCases.map(\.rawValue) + ["events"]

    static let all: [Verb] = [list, show, redrive, purge]

    private static let about = """
        QUEUE is a channel, "events" (what the core rejected), or the full name of a dead
        letter topic. A record that was redriven or purged is done; the others are open.
        """

    // MARK: - ls

    private static let list = Verb(
        "dlq ls", "lists dead letters; without a queue, sums up all of them.",
        details: about + "\nKeys may name recipients: mind who looks on.",
        operands: [.init("QUEUE", choices: queues, isRequired: false)],
        options: LetterFilter.options + [
            .flag("--all", "Also records that are done."),
            .value("--limit", "N", "At most N records; 1000."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let filter = try LetterFilter(invocation)
        let showsAll = invocation.has("--all")
        let limit = try invocation.integer("--limit", default: 1000, in: 1...1_000_000)
        let topics = try withKafka(settings.kafka) { () throws(KafkaError) in try Admin(settings.kafka).topics() }
        guard let queue = invocation.operands.first else {
            for (queue, topic) in settings.deadLetterTopics where topics[topic] != nil {
                let reader = try QueueReader(topic, settings.kafka, topics: topics)
                try sumUp(reader, queue: queue, filter, settings.kafka, printer)
            }
            return .ok
        }
        let reader = try QueueReader(settings.deadLetterTopic(queue), settings.kafka, topics: topics)
        var count = 0
        try withKafka(settings.kafka) { () throws(KafkaError) in
            try reader.read(try reader.spans()) { letter, isOpen in
                guard isOpen || showsAll, filter.matches(letter) else { return .goOn }
                printer.row(LetterFields.short(letter, isOpen: isOpen))
                count += 1
                return count < limit && printer.isOpen ? .goOn : .stop
            }
        }
        if count == 0 { printer.note("no \(showsAll ? "" : "open ")records\(filter.isEmpty ? "" : " match")") }
        if count == limit { printer.note("only the first \(limit) records (--limit)") }
        return .ok
    }

    private static func sumUp(
        _ reader: QueueReader, queue: String, _ filter: LetterFilter, _ settings: KafkaSettings, _ printer: Printer
    ) throws(CommandFault) {
        var (open, done, foreign) = (0, 0, 0)
        var classes: [String: Int] = [:]
        var oldest: Int64?
        try withKafka(settings) { () throws(KafkaError) in
            try reader.read(try reader.spans()) { letter, isOpen in
                guard filter.matches(letter) else { return .goOn }
                guard isOpen else {
                    done += 1
                    return .goOn
                }
                open += 1
                if letter.origin == nil { foreign += 1 }
                classes[letter.errorClass ?? "foreign", default: 0] += 1
                if letter.record.timestamp >= 0 { oldest = min(oldest ?? .max, letter.record.timestamp) }
                return printer.isOpen ? .goOn : .stop
            }
        }
        let sums = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        printer.row([
            ("queue", .text(queue)), ("topic", .text(reader.topic)), ("open", .integer(open)),
            ("done", .integer(done)), ("foreign", .integer(foreign)),
            ("oldest", .optional(oldest.map { UnixTime(milliseconds: $0).rfc3339 })),
            ("classes", sums.isEmpty ? .none : .text(sums.map { "\($0.key) \($0.value)" }.joined(separator: ", "))),
        ])
    }

    // MARK: - show

    private static let show = Verb(
        "dlq show", "shows dead letters whole: why, headers, value.",
        details: about + "\nValues hold recipients and content: mind who looks on.",
        operands: [.init("QUEUE", choices: queues)],
        options: LetterFilter.options + [
            .flag("--all", "Also records that are done."),
            .value("--limit", "N", "At most N records; 20."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let filter = try LetterFilter(invocation)
        let showsAll = invocation.has("--all") || !filter.places.isEmpty
        let limit = try invocation.integer("--limit", default: 20, in: 1...1_000_000)
        let topics = try withKafka(settings.kafka) { () throws(KafkaError) in try Admin(settings.kafka).topics() }
        let topic = settings.deadLetterTopic(invocation.operands[0])
        let reader = try QueueReader(topic, settings.kafka, topics: topics)
        var count = 0
        let spans = try withKafka(settings.kafka) { () throws(KafkaError) in try reader.spans() }
        for place in filter.places { try check(place, in: spans, topic: topic) }
        try withKafka(settings.kafka) { () throws(KafkaError) in
            try reader.read(spans) { letter, isOpen in
                guard isOpen || showsAll, filter.matches(letter) else { return .goOn }
                printer.card(LetterFields.long(letter, isOpen: isOpen))
                if letter.origin == nil {
                    printer.note(LeftReason.foreign.sentence(1, limit: 0))
                }
                count += 1
                return count < limit && printer.isOpen ? .goOn : .stop
            }
        }
        if count == 0 { printer.note("no \(showsAll ? "" : "open ")records\(filter.isEmpty ? "" : " match")") }
        if count == limit { printer.note("only the first \(limit) records (--limit)") }
        return .ok
    }

    /// Says where a record is that cannot be shown.
    private static func check(
        _ place: LetterFilter.Place, in spans: [LogReader.Span], topic: String
    ) throws(CommandFault) {
        guard let span = spans.first(where: { $0.partition.partition == place.partition }) else {
            throw .usage("\(topic) has no partition \(place.partition)")
        }
        try RecordPlace(partition: span.partition, offset: place.offset).check(in: span)
    }

    // MARK: - redrive

    private static let redrive = Verb(
        "dlq redrive", "sends dead letters back to the topics they came from.",
        details: about + """

            Without --yes it only says what it would do. It goes to the end that the queue has at the
            start, and remembers what it did: the same command again goes on where this one ended, and
            sends nothing twice (after a kill: the last batch at most). Keys, values and the headers
            they came with stay as they were; x-dlq-redrive-count counts. Consumers may go on running.
            """,
        operands: [.init("QUEUE", choices: queues)],
        options: LetterFilter.options + [
            .flag("--yes", "Do it."),
            .value("--max-redrives", "N", "Leave records that were redriven N times; 3."),
            .value("--rate", "N", "At most N records a second."),
            .value("--batch", "N", "Records between two commits, which a kill repeats at most; 500."),
            .value("--limit", "N", "At most N records."),
        ]
    ) { invocation, printer throws(CommandFault) in
        try LetterCommand(invocation, printer).redrive()
    }

    // MARK: - purge

    private static let purge = Verb(
        "dlq purge", "takes dead letters out of the queue for good.",
        details: about + """

            Without --yes it only says what it would do. Without a filter it is about what is done
            already. Kafka deletes only from the beginning of a partition: a record that is purged
            behind an open one counts as done at once, and goes when everything before it is done
            (or after the topic's retention). Deleted records cannot be brought back.
            """,
        operands: [.init("QUEUE", choices: queues)],
        options: LetterFilter.options + [
            .flag("--yes", "Do it."),
            .flag("--open", "Everything open, where no filter says less."),
            .flag("--foreign", "Also records that have none of our headers."),
        ]
    ) { invocation, printer throws(CommandFault) in
        try LetterCommand(invocation, printer).purge()
    }
}
