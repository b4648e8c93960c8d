internal import CommandLineKit
internal import DeadLetters
internal import Delivery
internal import Kafka

/// Looks at a dead letter topic without changing anything.
struct QueueReader {
    let topic: String
    let partitions: [TopicPartition]
    private let reader: LogReader

    /// The group whose offsets say what is done.
    static func group(of topic: String) -> String { "notifyctl-redrive-\(topic)" }

    /// - Parameter topics: those that exist.
    /// - Throws: a usage fault when the topic does not exist.
    init(_ topic: String, _ settings: KafkaSettings, topics: [String: Admin.Topic]) throws(CommandFault) {
        guard let known = topics[topic] else {
            throw .usage("there is no topic \(topic) on \(settings.brokers)")
        }
        self.topic = topic
        partitions = (0..<known.partitions).map { TopicPartition(topic: topic, partition: Int32($0)) }
        let group = Self.group(of: topic)
        reader = try withKafka(settings) { () throws(KafkaError) in try LogReader(settings, group: group) }
    }

    /// What the queue holds now; records that come later are not looked at.
    func spans() throws(KafkaError) -> [LogReader.Span] {
        var spans: [LogReader.Span] = []
        for partition in partitions { spans.append(LogReader.Span(partition, try reader.bounds(of: partition))) }
        return spans
    }

    /// What was done with the letters so far.
    func ledger() throws(KafkaError) -> LetterLedger {
        var ledger = LetterLedger()
        ledger.begin(try reader.committed(partitions))
        return ledger
    }

    /// Hands out every letter of the spans, and whether it is still open.
    func read(
        _ spans: [LogReader.Span], _ body: (ReceivedLetter, _ isOpen: Bool) -> Consumer.Next
    ) throws(KafkaError) {
        var ledger = try ledger()
        for span in spans { ledger.matchLog(span.partition, span.start..<max(span.start, span.end)) }
        try reader.read(spans) { record in
            let letter = ReceivedLetter(OwnedRecord(copying: record))
            return body(letter, ledger.receive(letter.record.topicPartition, record.offset) != .done)
        }
    }
}
