internal import CRdKafka
internal import Lifecycle

/// Reads all partitions of a topic from the beginning and follows it, without a group: every process sees everything.
///
/// One thread owns it and makes every call. Only committed records are seen.
package final class TopicReader {
    /// How often the cluster is asked for new partitions.
    private static let interval = Duration.seconds(10)

    private let handle: ClientHandle
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let topic: String
    /// How many partitions are read.
    private var count: Int32
    private var unread: Set<Int32>
    /// How many partitions the cluster says there are; nil where it did not answer.
    private let answers = Mailbox<Int32?>()
    /// nil while an answer is awaited.
    private var nextQuestion: ContinuousClock.Instant? = .now

    /// What it is made of.
    package static func role(_ settings: KafkaSettings) -> ClientRole {
        .reader(settings, defaults: [("fetch.wait.max.ms", "100"), ("queued.max.messages.kbytes", "8192")])
    }

    /// - Parameter timeout: how long to wait for the cluster's answer about the topic's partitions.
    /// - Throws: when the topic does not exist, or the cluster does not answer.
    package init(_ settings: KafkaSettings, topic: String, timeout: Duration) throws(KafkaError) {
        handle = try ClientHandle(Self.role(settings), context: CallbackContext())
        log = settings.log
        rd_kafka_poll_set_consumer(handle.pointer)
        self.topic = topic
        count = try Self.partitionCount(of: topic, client: handle.pointer, timeout: timeout)
        unread = Set(0..<count)
        let list = Self.beginnings(of: 0..<count, topic)
        let code = rd_kafka_assign(handle.pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, isFatal: true) }
    }

    deinit { rd_kafka_assign(handle.pointer, nil) }

    /// Whether every partition was read to its end once; those that ``takeNewPartitions()`` finds count, too.
    package var hasReachedEnd: Bool { unread.isEmpty }

    /// Hands out up to `maximum` records; waits up to `timeout` for the first.
    package func poll(timeout: Duration, maximum: Int, _ body: (borrowing BorrowedRecord) -> Void) {
        var wait = timeout.kafkaMilliseconds
        var count = 0
        while count < maximum, let message = rd_kafka_consumer_poll(handle.pointer, wait) {
            defer { rd_kafka_message_destroy(message) }
            count += 1
            switch message.pointee.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                wait = 0
                body(BorrowedRecord(message, topic: 0))
            case RD_KAFKA_RESP_ERR__PARTITION_EOF: unread.remove(message.pointee.partition)
            default: report(KafkaError(message.pointee.err))
            }
        }
    }

    /// Reads the partitions that the topic has got since, from their beginning; the others go on where they are. To be
    /// called often by who follows the topic: it asks the cluster every ten seconds, and waits for no answer.
    package func takeNewPartitions() {
        for answer in answers.takeAll() {
            nextQuestion = .now + Self.interval
            if let answer, answer > count { take(count..<answer) }
        }
        guard let due = nextQuestion, due <= .now else { return }
        nextQuestion = nil
        // The one call that waits; it may come from any thread, and the client lives until it has ended.
        nonisolated(unsafe) let handle = handle
        _ = OSThread(name: "kafka-topic") { [topic, answers] in
            let count = try? Self.partitionCount(of: topic, client: handle.pointer, timeout: .seconds(5))
            answers.put([count])
        }
    }

    private func take(_ partitions: Range<Int32>) {
        let list = Self.beginnings(of: partitions, topic)
        if let error = rd_kafka_incremental_assign(handle.pointer, list.pointer) {
            return report(KafkaError(taking: error))
        }
        unread.formUnion(partitions)
        count = partitions.upperBound
    }

    private func report(_ error: KafkaError) {
        log?(KafkaLogLine(level: 4, facility: error.code, message: error.message))
    }

    private static func beginnings(of partitions: Range<Int32>, _ topic: String) -> PartitionList {
        PartitionList(
            partitions.map { partition in
                PartitionOffset(
                    topicPartition: TopicPartition(topic: topic, partition: partition),
                    offset: Int64(RD_KAFKA_OFFSET_BEGINNING))
            })
    }

    private static func partitionCount(
        of topic: String, client: OpaquePointer, timeout: Duration
    ) throws(KafkaError) -> Int32 {
        let handle = rd_kafka_topic_new(client, topic, nil)
        defer { if let handle { rd_kafka_topic_destroy(handle) } }
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, handle, &metadata, timeout.kafkaMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { throw KafkaError(code) }
        defer { rd_kafka_metadata_destroy(metadata) }
        guard metadata.pointee.topic_cnt == 1, let description = metadata.pointee.topics?.pointee,
            description.err == RD_KAFKA_RESP_ERR_NO_ERROR, description.partition_cnt > 0
        else { throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "topic \(topic) has no partitions") }
        return description.partition_cnt
    }
}
