/// A record copied out of librdkafka, for as long as somebody needs it.
///
/// A borrowed record pins the whole fetch it came with; a record that waits must be copied.
package final class OwnedRecord: Sendable {
    package let topic: String
    package let partition: Int32
    package let offset: Int64
    /// Unix milliseconds; -1 where the record has none.
    package let timestamp: Int64
    /// `CreateTime`, `LogAppendTime` or `NoTimestampType`.
    package let timestampType: String
    package let content: RecordContent

    package init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, timestampType: String = "CreateTime",
        content: RecordContent
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.timestampType = timestampType
        self.content = content
    }

    package convenience init(
        topic: String, partition: Int32, offset: Int64, timestamp: Int64, timestampType: String = "CreateTime",
        key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders = RecordHeaders()
    ) {
        self.init(
            topic: topic, partition: partition, offset: offset, timestamp: timestamp, timestampType: timestampType,
            content: RecordContent(key: key, value: value, headers: headers))
    }

    /// - Parameter topic: the topic's name, where the caller has it at hand.
    package convenience init(copying record: borrowing BorrowedRecord, topic: String? = nil) {
        self.init(
            topic: topic ?? record.topicName, partition: record.partition, offset: record.offset,
            timestamp: record.timestamp, timestampType: record.timestampType, content: RecordContent(copying: record))
    }

    /// A copy; ``content`` lends it.
    package var key: [UInt8]? { content.key }
    /// A copy; ``content`` lends it.
    package var value: [UInt8]? { content.value }
    package var headers: RecordHeaders { content.headers }

    package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}
