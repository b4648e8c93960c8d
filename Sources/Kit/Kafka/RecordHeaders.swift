internal import Glibc

/// The headers of a record in order, names and values as bytes, so that they can be forwarded unchanged.
///
/// All of them lie in one piece of memory, which those of a record share with its key and value: see ``RecordContent``.
package struct RecordHeaders: Sendable, Equatable {
    /// One header. Kafka allows a null value and several headers of one name.
    package struct Header: Sendable, Equatable {
        package var name: [UInt8]
        package var value: [UInt8]?
    }

    /// From `start` on, for each header: the sizes of its name and its value, then both.
    var bytes: [UInt8]
    let start: Int
    package private(set) var count: Int

    package init() { self.init(bytes: [], start: 0, count: 0) }

    init(bytes: [UInt8], start: Int, count: Int) {
        self.bytes = bytes
        self.start = start
        self.count = count
    }

    /// All of them, copied.
    package var list: [Header] {
        var list: [Header] = []
        forEach { name, value in list.append(Header(name: [UInt8](name), value: value.map { [UInt8]($0) })) }
        return list
    }

    /// Calls `body` with every header, in order.
    package func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Void) {
        bytes.withUnsafeBytes { bytes in
            var position = start
            while let header = PackedHeader(bytes, &position) { body(header.name, header.value) }
        }
    }

    package static func == (left: RecordHeaders, right: RecordHeaders) -> Bool {
        left.bytes[left.start...] == right.bytes[right.start...]
    }

    // MARK: - Changing them

    package mutating func append(_ name: String, _ value: [UInt8]?) {
        var name = name
        name.withUTF8 { name in
            guard let value else { return append(UnsafeRawBufferPointer(name), nil) }
            value.withUnsafeBytes { append(UnsafeRawBufferPointer(name), $0) }
        }
    }

    package mutating func append(_ name: String, _ value: String) {
        var (name, value) = (name, value)
        name.withUTF8 { name in
            value.withUTF8 { append(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer($0)) }
        }
    }

    private mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) {
        // Behind a record's headers there is nothing, so that they can grow where they lie.
        PackedHeader.pack(name, value) { bytes.append(contentsOf: $0) }
        count += 1
    }

    /// Gives `name` this value and no other: the first header of the name is replaced, its doubles are removed.
    package mutating func set(_ name: String, _ value: [UInt8]?) {
        var changed = RecordHeaders()
        var isSet = false
        forEach { other, old in
            guard other.elementsEqual(name.utf8) else { return changed.append(other, old) }
            if !isSet { changed.append(name, value) }
            isSet = true
        }
        if !isSet { changed.append(name, value) }
        self = changed
    }

    package mutating func set(_ name: String, _ value: String) { set(name, [UInt8](value.utf8)) }

    package mutating func remove(_ name: String) {
        var changed = RecordHeaders()
        forEach { other, value in if !other.elementsEqual(name.utf8) { changed.append(other, value) } }
        self = changed
    }

    // MARK: - Looking them up

    /// The last header of the name, which is the one that counts in Kafka. A null value is nil, too.
    package subscript(_ name: String) -> [UInt8]? {
        var name = name
        return name.withUTF8 { value(of: UnsafeRawBufferPointer($0)) { [UInt8]($0) } }
    }

    /// The value as text, invalid UTF-8 repaired.
    package func text(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { value(of: UnsafeRawBufferPointer($0)) { String(decoding: $0, as: UTF8.self) } }
    }

    /// The same of a name that is known at compile time, for every record.
    package func text(_ name: StaticString) -> String? {
        value(of: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)) {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private func value<Value>(
        of name: UnsafeRawBufferPointer, _ make: (UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        bytes.withUnsafeBytes { bytes in
            var found: UnsafeRawBufferPointer?
            var position = start
            while let header = PackedHeader(bytes, &position) {
                if header.isNamed(name) { found = header.value }
            }
            return found.map(make)
        }
    }
}

/// One header as it lies in memory: two numbers of four bytes, the name, the value.
struct PackedHeader {
    private static let prefix = 8
    private static let null: Int32 = -1

    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer?

    /// The header at `position`, which moves behind it; nil at the end.
    init?(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        guard position < bytes.count else { return nil }
        let nameSize = Int(bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
        let valueSize = bytes.loadUnaligned(fromByteOffset: position + 4, as: Int32.self)
        let middle = position + Self.prefix + nameSize
        name = UnsafeRawBufferPointer(rebasing: bytes[(position + Self.prefix)..<middle])
        position = middle + Int(max(0, valueSize))
        value = valueSize == Self.null ? nil : UnsafeRawBufferPointer(rebasing: bytes[middle..<position])
    }

    func isNamed(_ other: UnsafeRawBufferPointer) -> Bool {
        guard name.count == other.count, let own = name.baseAddress, let other = other.baseAddress else {
            return name.count == other.count
        }
        return memcmp(own, other, name.count) == 0
    }

    static func size(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Int {
        prefix + name.count + (value?.count ?? 0)
    }

    /// Hands out the parts of a header, one behind the other.
    static func pack(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?, _ put: (UnsafeRawBufferPointer) -> Void
    ) {
        let sizes = (Int32(name.count), value.map { Int32($0.count) } ?? null)
        withUnsafeBytes(of: sizes, put)
        put(name)
        if let value { put(value) }
    }
}
