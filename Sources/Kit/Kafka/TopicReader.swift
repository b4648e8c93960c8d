internal import CRdKafka

/// Reads all partitions of a topic from the beginning and follows it, without a group: every process sees everything.
///
/// One thread owns it and makes every call. Only committed records are seen.
package final class TopicReader {
    private let handle: ClientHandle
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private var unread: Set<Int32>

    /// - Parameter timeout: how long to wait for the cluster's answer about the topic's partitions.
    /// - Throws: when the topic does not exist, or the cluster does not answer.
    package init(_ settings: KafkaSettings, topic: String, timeout: Duration) throws(KafkaError) {
        let defaults = [
            ("fetch.wait.max.ms", "100"), ("queued.max.messages.kbytes", "8192"), ("socket.nagle.disable", "true"),
            ("allow.auto.create.topics", "false"), ("reconnect.backoff.max.ms", "2000"),
        ]
        let fixed = [
            // Required by the client, and never used: nothing joins and nothing is committed.
            ("group.id", settings.clientID), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "earliest"), ("isolation.level", "read_committed"), ("enable.partition.eof", "true"),
        ]
        handle = try ClientHandle(
            RD_KAFKA_CONSUMER, settings: settings, defaults: defaults, fixed: fixed, context: CallbackContext())
        log = settings.log
        rd_kafka_poll_set_consumer(handle.pointer)
        let count = try Self.partitionCount(of: topic, client: handle.pointer, timeout: timeout)
        unread = Set(0..<count)
        let list = PartitionList((0..<count).map { TopicPartition(topic: topic, partition: $0) })
        for index in 0..<Int(count) { list.pointer.pointee.elems[index].offset = Int64(RD_KAFKA_OFFSET_BEGINNING) }
        let code = rd_kafka_assign(handle.pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, isFatal: true) }
    }

    deinit { rd_kafka_assign(handle.pointer, nil) }

    /// Whether every partition was read to its end once.
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
            default:
                let error = KafkaError(message.pointee.err)
                log?(KafkaLogLine(level: 4, facility: error.code, message: error.message))
            }
        }
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
