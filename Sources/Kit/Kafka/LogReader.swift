internal import CRdKafka

/// Reads ranges of partitions without joining a group, and looks up offsets: for commands that look at what is there.
///
/// Only committed records are seen. One thread owns it and makes every call.
package final class LogReader {
    /// Offsets of a partition, the end not among them.
    package struct Span: Sendable, Equatable {
        package var partition: TopicPartition
        package var start: Int64
        /// `.max` follows the partition for ever.
        package var end: Int64

        package init(_ partition: TopicPartition, _ range: Range<Int64>) {
            self.partition = partition
            (start, end) = (range.lowerBound, range.upperBound)
        }

        package var isEmpty: Bool { start >= end }
    }

    private let handle: ClientHandle
    private let queue: OpaquePointer
    private let timeout: Duration
    private var batch: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>

    /// - Parameters:
    ///   - group: whose committed offsets ``committed(_:)`` tells; nobody joins it.
    ///   - timeout: how long a question waits for the cluster's answer.
    package init(
        _ settings: KafkaSettings, group: String? = nil, timeout: Duration = .seconds(15)
    ) throws(KafkaError) {
        let defaults = [
            ("fetch.wait.max.ms", "50"), ("queued.min.messages", "200000"), ("queued.max.messages.kbytes", "65536"),
            ("fetch.error.backoff.ms", "50"), ("fetch.message.max.bytes", "8388608"),
        ]
        handle = try ClientHandle(
            .reader(settings, group: group, defaults: defaults), context: CallbackContext())
        rd_kafka_poll_set_consumer(handle.pointer)
        queue = rd_kafka_queue_get_consumer(handle.pointer)
        self.timeout = timeout
        batch = .allocate(capacity: 1000)
        batch.initialize(repeating: nil)
    }

    deinit {
        rd_kafka_assign(handle.pointer, nil)
        rd_kafka_queue_destroy(queue)
        batch.deallocate()
    }

    // MARK: - Questions

    /// What the partition holds: from the first record that is still there to behind the last committed one.
    package func bounds(of partition: TopicPartition) throws(KafkaError) -> Range<Int64> {
        var (low, high) = (Int64(0), Int64(0))
        let code = rd_kafka_query_watermark_offsets(
            handle.pointer, partition.topic, partition.partition, &low, &high, timeout.kafkaMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return low..<max(low, high)
    }

    /// The first offset of each partition whose record is not older than `time` (unix milliseconds); nil where there
    /// is none.
    package func offsets(
        notBefore time: Int64, of partitions: [TopicPartition]
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let list = PartitionList(partitions.map { PartitionOffset(topicPartition: $0, offset: time) })
        let code = rd_kafka_offsets_for_times(handle.pointer, list.pointer, timeout.kafkaMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        if let error = list.firstError { throw KafkaError(error) }
        var found: [TopicPartition: Int64] = [:]
        for place in PartitionList.offsets(list.pointer) where place.offset >= 0 {
            found[place.topicPartition] = place.offset
        }
        return found
    }

    /// What the group has committed.
    package func committed(_ partitions: [TopicPartition]) throws(KafkaError) -> [PartitionOffset] {
        let list = PartitionList(partitions)
        let code = rd_kafka_committed(handle.pointer, list.pointer, timeout.kafkaMilliseconds)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        if let error = list.firstError { throw KafkaError(error) }
        return PartitionList.offsets(list.pointer)
    }

    // MARK: - Records

    /// Hands out every record of the spans, those of one partition in order, until all are read or `body` stops it.
    ///
    /// - Parameters:
    ///   - body: gets records whose `topic` is the position of their span in `spans`.
    ///   - onIdle: called at least every 100 ms while nothing arrives; `.stop` ends the reading.
    /// - Throws: when a partition cannot be read.
    package func read(
        _ spans: [Span], onIdle: () -> Consumer.Next = { .goOn }, _ body: (borrowing BorrowedRecord) -> Consumer.Next
    ) throws(KafkaError) {
        var open: [TopicPartition: (index: Int, span: Span)] = [:]
        for (index, span) in spans.enumerated() where !span.isEmpty { open[span.partition] = (index, span) }
        guard !open.isEmpty else { return }
        let list = PartitionList(
            open.values.map { PartitionOffset(topicPartition: $0.span.partition, offset: $0.span.start) })
        let code = rd_kafka_assign(handle.pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, isFatal: true) }
        defer { rd_kafka_assign(handle.pointer, nil) }
        var names: [OpaquePointer: String] = [:]
        while !open.isEmpty {
            let received = receive()
            defer { destroy(received) }
            if received.isEmpty, onIdle() == .stop { return }
            for case let message? in received {
                guard let handle = message.pointee.rkt else { continue }
                let topic = names[handle] ?? String(cString: rd_kafka_topic_name(handle))
                names[handle] = topic
                let place = TopicPartition(topic: topic, partition: message.pointee.partition)
                guard let (index, span) = open[place] else { continue }
                if try hand(message, span, index, body) == .stop { return }
                // The end of a partition is told with the offset of its end; a record ends at the one behind it.
                let reached = message.pointee.offset + (message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR ? 1 : 0)
                if reached >= span.end { open[place] = nil }
            }
            // Topics live as long as a message of theirs.
            names.removeAll(keepingCapacity: true)
        }
    }

    private func hand(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ span: Span, _ index: Int,
        _ body: (borrowing BorrowedRecord) -> Consumer.Next
    ) throws(KafkaError) -> Consumer.Next {
        switch message.pointee.err {
        case RD_KAFKA_RESP_ERR_NO_ERROR:
            guard message.pointee.offset >= span.start, message.pointee.offset < span.end else { return .goOn }
            return body(BorrowedRecord(message, topic: index))
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: return .goOn
        default:
            let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
            throw KafkaError(message.pointee.err, text)
        }
    }

    private typealias Messages = Slice<UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>>

    private func receive() -> Messages {
        let ready = rd_kafka_consume_batch_queue(queue, 0, batch.baseAddress, batch.count)
        guard ready <= 0 else { return batch[..<ready] }
        guard let first = rd_kafka_consumer_poll(handle.pointer, 100) else { return batch[..<0] }
        batch[0] = first
        return batch[..<1]
    }

    private func destroy(_ messages: Messages) {
        for index in messages.indices {
            if let message = batch[index] { rd_kafka_message_destroy(message) }
            batch[index] = nil
        }
    }
}
