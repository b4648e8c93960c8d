package import JSONBytes
package import Time

/// One domain event, read from a record: plain JSON or a CloudEvent, from here on the same.
///
/// Borrowed: valid until the reader reads again, and as long as the record's bytes live. Texts are UTF-8.
package struct Event {
    /// The producer's id, or `<topic>-<partition>-<offset>`. Never empty.
    package var id: UnsafeRawBufferPointer
    /// Such as `order.created`. Never empty.
    package var type: UnsafeRawBufferPointer
    /// `ce_source`, or the input topic. Never empty.
    package var source: UnsafeRawBufferPointer
    package var subject: UnsafeRawBufferPointer?
    /// RFC 3339, as the producer wrote it, or the record's Kafka timestamp.
    package var time: UnsafeRawBufferPointer
    /// The same moment as a number.
    package var timestamp: UnixTime
    /// The data's `user_id`, else the subject.
    package var userID: UnsafeRawBufferPointer?
    /// The plain object, or the CloudEvent's data.
    package var data: JSONValue
}
