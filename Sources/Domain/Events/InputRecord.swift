/// One header of an input record, borrowed.
package struct InputHeader {
    package var name: UnsafeRawBufferPointer
    /// nil for a header without a value.
    package var value: UnsafeRawBufferPointer?

    package init(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        self.name = name
        self.value = value
    }
}

/// One record of an input topic as the poller lends it. Keep one and fill it again for every record, so that the
/// list of headers keeps its capacity.
///
/// All buffers are borrowed: they must live as long as whatever is read from the record.
package struct InputRecord {
    /// The topic's name: the source of a plain JSON event.
    package var topic: UnsafeRawBufferPointer
    package var partition: Int32
    package var offset: Int64
    /// Kafka's timestamp in milliseconds since 1970; negative where the record has none.
    package var timestamp: Int64
    package var key: UnsafeRawBufferPointer?
    /// nil for a tombstone.
    package var value: UnsafeRawBufferPointer?
    package var headers: [InputHeader]

    package init(
        topic: UnsafeRawBufferPointer, partition: Int32, offset: Int64, timestamp: Int64,
        key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: [InputHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}
