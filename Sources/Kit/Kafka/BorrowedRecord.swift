internal import CRdKafka
internal import Glibc

/// A record as librdkafka holds it: valid inside the closure that receives it, and no longer.
package struct BorrowedRecord: ~Copyable {
    private let message: UnsafeMutablePointer<rd_kafka_message_t>
    /// The index of the topic in the list that was subscribed.
    package let topic: Int
    package let partition: Int32
    package let offset: Int64
    /// Nil is a null key; an empty key is empty.
    package let key: UnsafeRawBufferPointer?
    /// Nil is a null value (a tombstone); an empty value is empty.
    package let value: UnsafeRawBufferPointer?

    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: Int) {
        self.message = message
        self.topic = topic
        partition = message.pointee.partition
        offset = message.pointee.offset
        key = message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
        value = message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
    }

    /// Unix milliseconds; -1 where the record has none.
    package var timestamp: Int64 {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        return rd_kafka_message_timestamp(message, &type)
    }

    /// How the record got its timestamp: `CreateTime`, `LogAppendTime` or `NoTimestampType`, as Java names them.
    package var timestampType: String {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        _ = rd_kafka_message_timestamp(message, &type)
        return switch type {
        case RD_KAFKA_TIMESTAMP_CREATE_TIME: "CreateTime"
        case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: "LogAppendTime"
        default: "NoTimestampType"
        }
    }

    /// The topic's name, as a new string: not for every record of a hot path.
    package var topicName: String { String(cString: rd_kafka_topic_name(message.pointee.rkt)) }

    /// Calls `body` with every header, in order.
    package func forEachHeader(_ body: (BorrowedHeader) -> Void) {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return }
        var index = 0
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
            index += 1
            guard let name else { continue }
            body(
                BorrowedHeader(
                    name: UnsafeRawBufferPointer(start: name, count: strlen(name)),
                    value: value.map { UnsafeRawBufferPointer(start: $0, count: size) }))
        }
    }
}

/// A header of a ``BorrowedRecord``, valid as long as the record.
package struct BorrowedHeader {
    package let name: UnsafeRawBufferPointer
    /// Nil is a null value.
    package let value: UnsafeRawBufferPointer?
}
