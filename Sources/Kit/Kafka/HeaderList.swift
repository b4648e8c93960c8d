internal import CRdKafka

/// Headers of a record that is about to be sent, built in librdkafka's own memory.
package struct HeaderList: ~Copyable {
    private var pointer: OpaquePointer?

    init(capacity: Int) { pointer = rd_kafka_headers_new(capacity) }

    deinit {
        if let pointer { rd_kafka_headers_destroy(pointer) }
    }

    var raw: OpaquePointer? { pointer }

    /// librdkafka owns the list from now on.
    mutating func handOver() { pointer = nil }

    /// Appends a header whose name is known at compile time.
    package mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer?) {
        name.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = rd_kafka_header_add(
                    pointer, characters.baseAddress, characters.count, value?.baseAddress, value?.count ?? 0)
            }
        }
    }

    package mutating func add(_ name: StaticString, _ value: StaticString) {
        value.withUTF8Buffer { add(name, UnsafeRawBufferPointer($0)) }
    }

    /// Appends a header as bytes.
    package mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?) {
        guard let base = name.baseAddress else { return }
        _ = rd_kafka_header_add(
            pointer, base.assumingMemoryBound(to: CChar.self), name.count, value?.baseAddress, value?.count ?? 0)
    }

    package mutating func add(_ headers: RecordHeaders) {
        headers.forEach { name, value in add(name: name, value: value.map(Self.present)) }
    }

    /// Nothing may have no address, but an empty value is not a null value.
    static func present(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.baseAddress == nil ? UnsafeRawBufferPointer(start: emptyAddress, count: 0) : bytes
    }
}

/// The address of nothing, for keys and values that are empty but not null.
nonisolated(unsafe) let emptyAddress = UnsafeRawPointer(("" as StaticString).utf8Start)
