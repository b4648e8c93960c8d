/// A partition of a topic.
package struct TopicPartition: Hashable, Sendable {
    package var topic: String
    package var partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

/// A place in a partition, as it is committed: the offset of the next record to read.
package struct PartitionOffset: Sendable, Hashable {
    package var topicPartition: TopicPartition
    /// The next offset to read; ``none`` where the group has committed nothing.
    package var offset: Int64
    /// Text that goes with a commit: at most 4096 bytes (the broker's default limit), without NUL bytes, which
    /// librdkafka below 2.6.1 returns corrupted.
    package var metadata: String?

    package init(topicPartition: TopicPartition, offset: Int64, metadata: String? = nil) {
        self.topicPartition = topicPartition
        self.offset = offset
        self.metadata = metadata
    }

    /// Nothing committed.
    package static let none: Int64 = -1001
    package var isCommitted: Bool { offset >= 0 }
}
