internal import Glibc

/// What a record says, in one piece of memory: its key, its value and its headers.
///
/// A record that is copied out of librdkafka, or kept until the broker has acknowledged it, costs one allocation.
package struct RecordContent: Sendable {
    /// The key, the value, the headers.
    private let bytes: [UInt8]
    /// Nil for a null key.
    private let keyCount: Int?
    /// Nil for a null value.
    private let valueCount: Int?
    private let headerCount: Int

    /// Copies the parts.
    package init(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, headers: RecordHeaders) {
        keyCount = key?.count
        valueCount = value?.count
        headerCount = headers.count
        let headerBytes = headers.bytes.count - headers.start
        bytes = headers.bytes.withUnsafeBytes { own in
            Self.joined(key, value, headerBytes: headerBytes) { put in
                put(UnsafeRawBufferPointer(rebasing: own[headers.start...]))
            }
        }
    }

    /// Copies a key and a value, with one header unless its text is nil.
    package init(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, header: StaticString, _ text: String?) {
        keyCount = key.count
        valueCount = value.count
        headerCount = text == nil ? 0 : 1
        guard var text else {
            bytes = Self.joined(key, value, headerBytes: 0) { _ in }
            return
        }
        let name = UnsafeRawBufferPointer(start: header.utf8Start, count: header.utf8CodeUnitCount)
        bytes = text.withUTF8 { text in
            let text = UnsafeRawBufferPointer(text)
            return Self.joined(key, value, headerBytes: PackedHeader.size(name, text)) { put in
                PackedHeader.pack(name, text, put)
            }
        }
    }

    package init(key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders) {
        self = Self.lending(key) { key in
            Self.lending(value) { value in RecordContent(key: key, value: value, headers: headers) }
        }
    }

    init(copying record: borrowing BorrowedRecord) {
        var (count, size) = (0, 0)
        record.forEachHeader { header in
            count += 1
            size += PackedHeader.size(header.name, header.value)
        }
        keyCount = record.key?.count
        valueCount = record.value?.count
        headerCount = count
        bytes = Self.joined(record.key, record.value, headerBytes: size) { put in
            record.forEachHeader { PackedHeader.pack($0.name, $0.value, put) }
        }
    }

    /// The same key and value with other headers.
    package func with(_ headers: RecordHeaders) -> RecordContent {
        withKey { key in withValue { value in RecordContent(key: key, value: value, headers: headers) } }
    }

    /// How much memory it takes.
    package var size: Int { bytes.count }

    package var key: [UInt8]? { withKey { $0.map { [UInt8]($0) } } }
    package var value: [UInt8]? { withValue { $0.map { [UInt8]($0) } } }
    package var headers: RecordHeaders { RecordHeaders(bytes: bytes, start: headersStart, count: headerCount) }

    private var valueStart: Int { keyCount ?? 0 }
    private var headersStart: Int { valueStart + (valueCount ?? 0) }

    /// Lends the key, nil for a null key.
    package func withKey<Result>(_ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in body(keyCount.map { UnsafeRawBufferPointer(rebasing: bytes[..<$0]) }) }
    }

    /// Lends the value, nil for a null value.
    package func withValue<Result>(_ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            body(valueCount.map { UnsafeRawBufferPointer(rebasing: bytes[valueStart..<(valueStart + $0)]) })
        }
    }

    private static func lending<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let bytes else { return body(nil) }
        return bytes.withUnsafeBytes(body)
    }

    /// - Parameters:
    ///   - headerBytes: how many bytes `putHeaders` hands to its closure, all together.
    private static func joined(
        _ key: UnsafeRawBufferPointer?, _ value: UnsafeRawBufferPointer?, headerBytes: Int,
        _ putHeaders: ((UnsafeRawBufferPointer) -> Void) -> Void
    ) -> [UInt8] {
        let size = (key?.count ?? 0) + (value?.count ?? 0) + headerBytes
        return [UInt8](unsafeUninitializedCapacity: size) { target, count in
            func put(_ bytes: UnsafeRawBufferPointer) {
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[count..<size])
                    .copyMemory(from: bytes)
                count += bytes.count
            }
            if let key { put(key) }
            if let value { put(value) }
            putHeaders(put)
        }
    }
}
