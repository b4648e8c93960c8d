internal import Glibc

/// The headers of a record in order, names and values as bytes, so that they can be forwarded unchanged.
///
/// All of them lie in one piece of memory: a record that is copied out of librdkafka costs two allocations for its
/// headers, however many there are.
package struct RecordHeaders: Sendable, Equatable {
    /// One header. Kafka allows a null value and several headers of one name.
    package struct Header: Sendable, Equatable {
        package var name: [UInt8]
        package var value: [UInt8]?
    }

    /// The sizes of one header's parts in `bytes`.
    private struct Extent: Sendable, Equatable {
        let name: Int
        /// `nil` for a null value.
        var value: Int?
        var total: Int { name + (value ?? 0) }
    }

    /// Each name and its value, one header behind the other.
    private var bytes: [UInt8] = []
    private var extents: [Extent] = []

    package init() {}

    package init(copying record: borrowing BorrowedRecord) {
        var (count, size) = (0, 0)
        record.forEachHeader { header in
            count += 1
            size += header.name.count + (header.value?.count ?? 0)
        }
        extents.reserveCapacity(count)
        bytes.reserveCapacity(size)
        record.forEachHeader { header in
            bytes.append(contentsOf: header.name)
            if let value = header.value { bytes.append(contentsOf: value) }
            extents.append(Extent(name: header.name.count, value: header.value?.count))
        }
    }

    package var count: Int { extents.count }

    /// All of them, copied.
    package var list: [Header] {
        var list: [Header] = []
        forEach { name, value in list.append(Header(name: [UInt8](name), value: value.map { [UInt8]($0) })) }
        return list
    }

    /// Calls `body` with every header, in order.
    package func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for extent in extents {
                let (middle, end) = (start + extent.name, start + extent.total)
                let value = extent.value.map { _ in UnsafeRawBufferPointer(rebasing: bytes[middle..<end]) }
                body(UnsafeRawBufferPointer(rebasing: bytes[start..<middle]), value)
                start = end
            }
        }
    }

    package mutating func append(_ name: String, _ value: [UInt8]?) {
        bytes.append(contentsOf: name.utf8)
        if let value { bytes.append(contentsOf: value) }
        extents.append(Extent(name: name.utf8.count, value: value?.count))
    }

    package mutating func append(_ name: String, _ value: String) { append(name, [UInt8](value.utf8)) }

    /// Gives `name` this value and no other: the first header of the name is replaced, its doubles are removed.
    package mutating func set(_ name: String, _ value: [UInt8]?) {
        guard let first = indexes(of: name).first else { return append(name, value) }
        let start = extents[..<first].reduce(0) { $0 + $1.total } + extents[first].name
        bytes.replaceSubrange(start..<(start + (extents[first].value ?? 0)), with: value ?? [])
        extents[first].value = value?.count
        remove(indexes(of: name).dropFirst())
    }

    package mutating func set(_ name: String, _ value: String) { set(name, [UInt8](value.utf8)) }

    package mutating func remove(_ name: String) { remove(indexes(of: name)[...]) }

    /// The last header of the name, which is the one that counts in Kafka. A null value is nil, too.
    package subscript(_ name: String) -> [UInt8]? { withValue(of: name) { [UInt8]($0) } }

    /// The value as text, invalid UTF-8 repaired.
    package func text(_ name: String) -> String? { withValue(of: name) { String(decoding: $0, as: UTF8.self) } }

    private func withValue<Result>(of name: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        var name = name
        return name.withUTF8 { wanted in
            bytes.withUnsafeBytes { bytes in
                var end = bytes.count
                for extent in extents.reversed() {
                    let start = end - extent.total
                    if Self.isEqual(bytes[start..<(start + extent.name)], wanted) {
                        return extent.value.map { _ in
                            body(UnsafeRawBufferPointer(rebasing: bytes[(start + extent.name)..<end]))
                        }
                    }
                    end = start
                }
                return nil
            }
        }
    }

    private static func isEqual(_ name: Slice<UnsafeRawBufferPointer>, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count == wanted.count, let start = name.base.baseAddress, let other = wanted.baseAddress else {
            return name.count == wanted.count
        }
        return memcmp(start + name.startIndex, other, wanted.count) == 0
    }

    private func indexes(of name: String) -> [Int] {
        var (found, index) = ([Int](), 0)
        forEach { candidate, _ in
            if candidate.elementsEqual(name.utf8) { found.append(index) }
            index += 1
        }
        return found
    }

    private mutating func remove(_ indexes: ArraySlice<Int>) {
        for index in indexes.reversed() {
            let start = extents[..<index].reduce(0) { $0 + $1.total }
            bytes.removeSubrange(start..<(start + extents[index].total))
            extents.remove(at: index)
        }
    }
}
