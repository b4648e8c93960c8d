internal import Events
internal import Kafka

extension OwnedRecord {
    /// Lends the record as the mapping reads it.
    func withInput<Result>(_ body: (borrowing InputRecord) -> Result) -> Result {
        let lease = ByteLease()
        defer { withExtendedLifetime(lease) {} }
        let record = InputRecord(
            topic: lease.lend(Array(topic.utf8)), partition: partition, offset: offset, timestamp: timestamp,
            key: key.map(lease.lend), value: value.map(lease.lend),
            headers: headers.list.map { InputHeader(name: lease.lend($0.name), value: $0.value.map(lease.lend)) })
        return body(record)
    }
}

/// Copies of bytes at addresses that stay, as long as this lives.
private final class ByteLease {
    private var buffers: [UnsafeMutableRawBufferPointer] = []

    deinit {
        for buffer in buffers { buffer.deallocate() }
    }

    func lend(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        buffer.copyBytes(from: bytes)
        buffers.append(buffer)
        return UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count])
    }
}
