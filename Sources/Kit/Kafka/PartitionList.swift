internal import CRdKafka
internal import Glibc

/// Owns an `rd_kafka_topic_partition_list_t`.
final class PartitionList {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(capacity: Int) { pointer = rd_kafka_topic_partition_list_new(Int32(capacity)) }

    init(copying list: UnsafePointer<rd_kafka_topic_partition_list_t>) {
        pointer = rd_kafka_topic_partition_list_copy(list)
    }

    convenience init(_ offsets: [PartitionOffset]) {
        self.init(capacity: offsets.count)
        for entry in offsets { add(entry.topicPartition, offset: entry.offset, metadata: entry.metadata) }
    }

    convenience init(_ partitions: [TopicPartition]) {
        self.init(capacity: partitions.count)
        for partition in partitions { add(partition, offset: PartitionOffset.none, metadata: nil) }
    }

    deinit { rd_kafka_topic_partition_list_destroy(pointer) }

    private func add(_ partition: TopicPartition, offset: Int64, metadata: String?) {
        guard let element = rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition) else {
            return
        }
        element.pointee.offset = offset
        guard var text = metadata else { return }
        text.withUTF8 { bytes in
            // librdkafka frees it together with the list.
            guard let copy = malloc(max(bytes.count, 1)) else { return }
            if let base = bytes.baseAddress { memcpy(copy, base, bytes.count) }
            element.pointee.metadata = copy
            element.pointee.metadata_size = bytes.count
        }
    }

    /// The first element's own error, where one has one.
    var firstError: rd_kafka_resp_err_t? {
        Self.elements(pointer).first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }?.err
    }

    static func elements(
        _ list: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) -> UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
    }

    static func partitions(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartition] {
        elements(list).map { TopicPartition(topic: String(cString: $0.topic), partition: $0.partition) }
    }

    static func offsets(_ list: UnsafePointer<rd_kafka_topic_partition_list_t>) -> [PartitionOffset] {
        elements(list).map { element in
            let metadata = element.metadata.map { start in
                String(decoding: UnsafeRawBufferPointer(start: start, count: element.metadata_size), as: UTF8.self)
            }
            return PartitionOffset(
                topicPartition: TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, metadata: metadata)
        }
    }
}
