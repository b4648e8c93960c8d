package import Events

/// An input record that owns its bytes, for tests.
///
/// Not thread-safe; the record is valid as long as the fixture lives, so use ``withRecord(_:)``.
package final class RecordFixture {
    private var buffers: [UnsafeMutableRawBufferPointer] = []
    private var record: InputRecord

    /// - Parameter value: nil for a tombstone.
    package init(
        topic: String = "order.events", partition: Int32 = 3, offset: Int64 = 42,
        timestamp: Int64 = 1_700_000_000_123, key: String? = nil, value: [UInt8]?,
        headers: [(name: String, value: [UInt8]?)] = []
    ) {
        record = InputRecord(
            topic: UnsafeRawBufferPointer(start: nil, count: 0), partition: partition, offset: offset,
            timestamp: timestamp, key: nil, value: nil)
        record.topic = keep(Array(topic.utf8))
        record.key = key.map { keep(Array($0.utf8)) }
        record.value = value.map { keep($0) }
        record.headers = headers.map { header in
            InputHeader(name: keep(Array(header.name.utf8)), value: header.value.map { keep($0) })
        }
    }

    package convenience init(
        topic: String = "order.events", key: String? = nil, json: String, headers: [(String, String)] = []
    ) {
        self.init(
            topic: topic, key: key, value: Array(json.utf8), headers: headers.map { ($0.0, Array($0.1.utf8)) })
    }

    deinit {
        for buffer in buffers { buffer.deallocate() }
    }

    /// Lends the record.
    package func withRecord<Result, Failure: Error>(
        _ body: (borrowing InputRecord) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(record)
    }

    private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        buffer.copyBytes(from: bytes)
        buffers.append(buffer)
        return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
    }
}
