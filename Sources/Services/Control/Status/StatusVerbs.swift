internal import CommandLineKit
internal import Core
internal import JSONBytes
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Time

/// `status get` and `status tail`
enum StatusVerbs {
    static let all = [get, tail]

    private static let get = Verb(
        "status get", "shows what became of a notification, or of all notifications of an event.",
        details: """
            ID is a notification's id or an event's. One line for each attempt that ended, from the
            status topic; a notification without any is still waiting for its first one.
            """,
        operands: [.init("ID")],
        options: [.value("--since", "TIME", "Look only at what happened at TIME or later: faster.")]
    ) { invocation, printer throws(CommandFault) in
        let id = invocation.operands[0]
        let settings = try ControlSettings(invocation)
        let since = try invocation.time("--since")
        var found: [StatusLine] = []
        try withKafka(settings.kafka) { () throws(KafkaError) in
            let feed = try StatusFeed(settings)
            try feed.read(since: since, to: .now) { record in
                guard let line = StatusLine(record, mentioning: id) else { return .goOn }
                if line.id == id || line.eventID == id { found.append(line) }
                return .goOn
            }
        }
        found.sort { ($0.id ?? "", $0.at, $0.attempt) < ($1.id ?? "", $1.at, $1.attempt) }
        for line in found { line.print(to: printer) }
        printer.flush()
        if found.isEmpty {
            printer.note("no status of \(id): it is queued, was never made, or is older than the status topic keeps")
        } else if !found.contains(where: \.isFinal) {
            printer.note("not finished yet")
        }
        return .ok
    }

    private static let tail = Verb(
        "status tail", "follows what becomes of notifications.",
        options: [
            .value("--user", "ID", "Only notifications of this user."),
            .value(
                "--channel", "CHANNEL", choices: ChannelName.allCases.map(\.rawValue), "Only this channel."),
            .value(
                "--status", "STATUS", choices: StatusRecord.Status.allCases.map(\.rawValue), repeats: true,
                "Only this outcome, such as failed; may be repeated."),
            .value("--since", "TIME", "Begin at TIME (RFC 3339, a day, or an age such as 10m) instead of now."),
            .flag("--no-follow", "End where the topic ends now."),
        ]
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let (user, channel) = (invocation.text("--user"), invocation.text("--channel"))
        let statuses = invocation.all("--status")
        let follows = !invocation.has("--no-follow")
        let since = try invocation.time("--since")
        let stop = Latch()
        let signals = Signals.install(onTerminate: { stop.open() })
        try withExtendedLifetime(signals) { () throws(CommandFault) in
            try withKafka(settings.kafka) { () throws(KafkaError) in
                let feed = try StatusFeed(settings)
                let idle = { () -> Consumer.Next in
                    printer.flush()
                    return stop.isOpen || !printer.isOpen ? .stop : .goOn
                }
                try feed.read(since: since, to: follows ? .ever : .now, onIdle: idle) { record in
                    guard let line = StatusLine(record) else { return .goOn }
                    if user ?? line.userID == line.userID, channel ?? line.channel == line.channel,
                        statuses.isEmpty || statuses.contains(line.status)
                    {
                        line.print(to: printer)
                    }
                    return stop.isOpen || !printer.isOpen ? .stop : .goOn
                }
            }
        }
        return .ok
    }
}

/// The status topic, read by time.
private struct StatusFeed {
    enum End { case now, ever }

    private let reader: LogReader
    private let partitions: [TopicPartition]

    init(_ settings: ControlSettings) throws(KafkaError) {
        let topic = settings.core.statusTopic
        guard let known = try Admin(settings.kafka).topics()[topic] else {
            throw KafkaError(code: "UNKNOWN_TOPIC_OR_PART", message: "there is no topic \(topic)")
        }
        partitions = (0..<known.partitions).map { TopicPartition(topic: topic, partition: Int32($0)) }
        reader = try LogReader(settings.kafka)
    }

    /// - Parameter since: nil is the beginning for what ends now, and the present for what follows.
    func read(
        since: UnixTime?, to end: End, onIdle: () -> Consumer.Next = { .goOn },
        _ body: (borrowing BorrowedRecord) -> Consumer.Next
    ) throws(KafkaError) {
        let starts = try since.map { time throws(KafkaError) in
            try reader.offsets(notBefore: time.milliseconds, of: partitions)
        }
        var spans: [LogReader.Span] = []
        for partition in partitions {
            let bounds = try reader.bounds(of: partition)
            let start: Int64
            if let starts {
                start = starts[partition] ?? bounds.upperBound
            } else {
                start = end == .ever ? bounds.upperBound : bounds.lowerBound
            }
            let last = end == .ever ? Int64.max : bounds.upperBound
            spans.append(LogReader.Span(partition, min(start, last)..<last))
        }
        try reader.read(spans, onIdle: onIdle, body)
    }
}

/// One record of the status topic.
struct StatusLine {
    let json: String
    let id: String?
    let eventID: String
    let userID: String?
    let channel: String
    let status: String
    let at: String
    let attempt: Int
    let isFinal: Bool
    private let fields: [Printer.Field]

    /// - Parameter text: a record without it anywhere is not looked at.
    /// - Returns: nil for that, and for a record that is no status.
    init?(_ record: borrowing BorrowedRecord, mentioning text: String? = nil) {
        guard let value = record.value else { return nil }
        if let text, !value.contains(text) { return nil }
        self.init(value)
    }

    init?(_ value: UnsafeRawBufferPointer) {
        let parsed = try? JSONDocument.read(value) { root -> [String: Printer.Cell] in
            var members: [String: Printer.Cell] = [:]
            root.forEachMember { key, value in
                members[key.string] =
                    switch value.kind {
                    case .string: .text(value.string)
                    case .number: value.integer.map(Printer.Cell.integer) ?? .text(value.string)
                    case .true, .false: .flag(value.kind == .true)
                    case .null: Printer.Cell.none
                    default: .json(String(decoding: value.json, as: UTF8.self))
                    }
            }
            return members
        }
        guard let parsed, case .text(let channel)? = parsed["channel"], case .text(let status)? = parsed["status"],
            case .text(let at)? = parsed["at"], case .text(let eventID)? = parsed["event_id"]
        else { return nil }
        (self.channel, self.status, self.at, self.eventID) = (channel, status, at, eventID)
        json = String(decoding: value, as: UTF8.self)
        if case .text(let id)? = parsed["id"] { self.id = id } else { id = nil }
        if case .text(let user)? = parsed["user_id"] { userID = user } else { userID = nil }
        if case .integer(let number)? = parsed["attempt"] { attempt = number } else { attempt = 0 }
        isFinal = parsed["final"] == .flag(true)
        fields = Self.columns.map { ($0, parsed[$0] ?? .none) }
    }

    private static let columns = [
        "at", "channel", "attempt", "status", "final", "class", "code", "duration_ms", "next_attempt_at", "user_id",
        "destination", "id", "message",
    ]

    func print(to printer: Printer) {
        printer.format == .json ? printer.raw(json + "\n") : printer.row(fields)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes of a text stand anywhere in these.
    fileprivate func contains(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { needle in
            guard let first = needle.first, needle.count <= count else { return needle.isEmpty }
            return (0...count - needle.count).contains { start in
                self[start] == first && self[start..<start + needle.count].elementsEqual(needle)
            }
        }
    }
}
