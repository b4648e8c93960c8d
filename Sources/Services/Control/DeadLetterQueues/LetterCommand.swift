internal import CommandLineKit
internal import DeadLetters
internal import Kafka
internal import Lifecycle

/// `dlq redrive` and `dlq purge`: the same walk over a queue, first in thought, and with --yes for good.
struct LetterCommand {
    private let invocation: Invocation
    private let printer: Printer
    private let settings: ControlSettings
    private let filter: LetterFilter
    private let reader: QueueReader
    private let topics: [String: Admin.Topic]
    private let limit: Int
    private let maximumRedrives: Int
    private let rate: Int?
    private let batch: Int

    init(_ invocation: Invocation, _ printer: Printer) throws(CommandFault) {
        self.invocation = invocation
        self.printer = printer
        let settings = try ControlSettings(invocation)
        self.settings = settings
        filter = try LetterFilter(invocation)
        // Wrong usage is said before anything is asked of Kafka.
        limit = try invocation.integer("--limit", default: .max, in: 1 ... .max)
        maximumRedrives = try invocation.integer("--max-redrives", default: 3, in: 1...1000)
        rate = invocation.text("--rate") == nil ? nil : try invocation.integer("--rate", default: 1, in: 1...100_000)
        batch = try invocation.integer("--batch", default: 500, in: 1...5_000)
        topics = try withKafka(settings.kafka) { () throws(KafkaError) in try Admin(settings.kafka).topics() }
        let topic = settings.deadLetterTopic(invocation.operands[0])
        reader = try QueueReader(topic, settings.kafka, topics: topics)
    }

    // MARK: - Redrive

    func redrive() throws(CommandFault) -> ExitCode {
        let policy = RedrivePolicy(
            maximumRedrives: maximumRedrives, topics: Set(topics.keys), queue: reader.topic)
        let decide = { (letter: ReceivedLetter) -> LetterJob.Action in
            guard filter.matches(letter) else { return .skip }
            return switch policy.verdict(letter) {
            case .send(let target): .send(to: target)
            case .leave(let reason): .leave(reason)
            }
        }
        let result = try work(limit: limit, decide)
        report(result, verb: "redrive", done: "redriven", maximum: maximumRedrives)
        return result.left[.refused] == nil ? .ok : .fatal
    }

    // MARK: - Purge

    func purge() throws(CommandFault) -> ExitCode {
        let isWhole = invocation.has("--open")
        let takesForeign = invocation.has("--foreign")
        let dropsOpen = isWhole || takesForeign || !filter.isEmpty
        var result = LetterJob.Result()
        if dropsOpen {
            result = try work(limit: .max) { letter in
                guard filter.matches(letter) else { return .skip }
                if letter.origin == nil { return takesForeign ? .drop : .leave(.foreign) }
                return isWhole || !filter.isEmpty ? .drop : .skip
            }
        } else {
            let ledger = try withKafka(settings.kafka) { () throws(KafkaError) in try reader.ledger() }
            result.marks = reader.partitions.map { PartitionOffset(topicPartition: $0, offset: ledger.mark(of: $0)) }
        }
        let deleted = try deleteDone(result.marks)
        report(result, verb: "purge", done: "purged", maximum: 0, deleted: deleted)
        return .ok
    }

    /// Deletes what lies below the marks; without --yes only counts it.
    private func deleteDone(_ marks: [PartitionOffset]) throws(CommandFault) -> Int {
        try withKafka(settings.kafka) { () throws(KafkaError) in
            var count = 0
            var cuts: [PartitionOffset] = []
            for span in try reader.spans() {
                let mark = marks.first { $0.topicPartition == span.partition }?.offset ?? 0
                guard mark > span.start, mark <= span.end else { continue }
                count += Int(mark - span.start)
                cuts.append(PartitionOffset(topicPartition: span.partition, offset: mark))
            }
            if isForGood, !cuts.isEmpty { _ = try Admin(settings.kafka).deleteRecords(below: cuts) }
            return count
        }
    }

    // MARK: - Both

    private var isForGood: Bool { invocation.has("--yes") }

    private func work(
        limit: Int, _ decide: @escaping (ReceivedLetter) -> LetterJob.Action
    ) throws(CommandFault) -> LetterJob.Result {
        let spans = try withKafka(settings.kafka) { () throws(KafkaError) in try reader.spans() }
        guard isForGood else { return try imagine(spans, limit: limit, decide) }
        let stop = Latch()
        let signals = Signals.install(onTerminate: { stop.open() })
        let isTerminal = Terminal.isErrorTerminal
        return try withExtendedLifetime(signals) { () throws(CommandFault) in
            let job = try withKafka(settings.kafka) { () throws(KafkaError) in
                try LetterJob(
                    settings.kafka, topic: reader.topic, spans: spans, batchSize: batch, rate: rate, limit: limit,
                    stop: stop, onProgress: { if isTerminal { printer.status("\r\($0) records …") } }, decide: decide)
            }
            defer { if isTerminal { printer.status("\r\u{1B}[K") } }
            return try job.run()
        }
    }

    /// The same decisions without their consequences.
    private func imagine(
        _ spans: [LogReader.Span], limit: Int, _ decide: (ReceivedLetter) -> LetterJob.Action
    ) throws(CommandFault) -> LetterJob.Result {
        var result = LetterJob.Result()
        var ledger = try withKafka(settings.kafka) { () throws(KafkaError) in try reader.ledger() }
        for span in spans { ledger.matchLog(span.partition, span.start..<max(span.start, span.end)) }
        try withKafka(settings.kafka) { () throws(KafkaError) in
            try reader.read(spans) { letter, isOpen in
                let partition = letter.record.topicPartition
                let receipt = ledger.receive(partition, letter.record.offset)
                guard isOpen else { return .goOn }
                let finish = {
                    result.done += 1
                    ledger.complete(partition, letter.record.offset)
                }
                switch decide(letter) {
                case .skip: break
                case .leave(let reason): result.left[reason, default: 0] += 1
                case .send where receipt == .outOfReach, .drop where receipt == .outOfReach:
                    result.left[.outOfReach, default: 0] += 1
                case .send(let target):
                    result.targets[target, default: 0] += 1
                    finish()
                case .drop: finish()
                }
                return result.done < limit ? .goOn : .stop
            }
        }
        result.marks = reader.partitions.map { PartitionOffset(topicPartition: $0, offset: ledger.mark(of: $0)) }
        return result
    }

    private func report(
        _ result: LetterJob.Result, verb: String, done: String, maximum: Int, deleted: Int? = nil
    ) {
        var fields: [Printer.Field] = [
            ("queue", .text(reader.topic)), ("dry_run", .flag(!isForGood)),
            (isForGood ? done : "would_\(verb)", .integer(result.done)),
        ]
        for (target, count) in result.targets.sorted(by: { $0.key < $1.key }) {
            fields.append((target, .integer(count)))
        }
        if let deleted { fields.append(("deleted", .integer(deleted))) }
        for reason in LeftReason.allCases {
            if let count = result.left[reason] { fields.append(("left_\(reason.rawValue)", .integer(count))) }
        }
        printer.card(fields)
        for reason in LeftReason.allCases {
            if let count = result.left[reason] { printer.note(reason.sentence(count, limit: maximum)) }
        }
        if let refusal = result.refusal { printer.note("the first refusal: \(refusal)") }
        if result.others > 0 {
            printer.note("another redrive or purge of this queue has \(result.others) of its partitions")
        }
        if result.isStopped { printer.note("stopped; the same command again goes on from here") }
        if !isForGood { printer.note("nothing was done: add --yes to \(verb) them") }
    }
}
