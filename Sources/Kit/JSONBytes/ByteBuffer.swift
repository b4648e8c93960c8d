internal import Glibc

/// Bytes with one owner that grow at the end and are used again and again: what Swift's arrays check at every append
/// (whether somebody else holds them too) cannot happen here, so that an append is a comparison and a copy.
///
/// Not thread-safe: one owner at a time.
public struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var used = 0
    @usableFromInline var capacity: Int

    /// An empty buffer with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        self.capacity = max(capacity, 1)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// How many bytes there are.
    @inlinable public var count: Int { used }

    @inlinable public var isEmpty: Bool { used == 0 }

    /// The bytes; valid until the buffer changes.
    @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: used) }

    /// Some of the bytes; valid until the buffer changes.
    @inlinable public subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(range.lowerBound >= 0 && range.upperBound <= used)
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    @inlinable public mutating func append(_ byte: UInt8) {
        if used == capacity { grow(for: 1) }
        base[used] = byte
        used &+= 1
    }

    /// Appends bytes, which must not be the buffer's own.
    @inlinable public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if capacity &- used < bytes.count { grow(for: bytes.count) }
        UnsafeMutableRawPointer(base + used).copyMemory(from: source, byteCount: bytes.count)
        used &+= bytes.count
    }

    /// Appends constant text. Inlined, so that the copy is a few instructions for just this length.
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        if capacity &- used < count { grow(for: count) }
        UnsafeMutableRawPointer(base + used).copyMemory(from: text.utf8Start, byteCount: count)
        used &+= count
    }

    @inlinable public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    public mutating func append(decimal number: UInt64) {
        var count = 1
        var rest = number / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        append(count: count) { target in
            var rest = number
            for position in (0..<count).reversed() {
                target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
    }

    /// Appends `count` bytes that `body` sets.
    @inlinable public mutating func append(count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        if capacity &- used < count { grow(for: count) }
        body(base + used)
        used &+= count
    }

    /// Removes everything behind the first `count` bytes.
    @inlinable public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= used)
        used = count
    }

    /// Empties the buffer and keeps its memory.
    @inlinable public mutating func removeAll() { used = 0 }

    /// Empties the buffer; where it has grown beyond `limit` bytes, gives the memory back.
    public mutating func removeAll(keepingAtMost limit: Int) {
        used = 0
        guard capacity > limit else { return }
        base.deallocate()
        capacity = max(limit, 1)
        base = .allocate(capacity: capacity)
    }

    @usableFromInline mutating func grow(for more: Int) {
        capacity = max(capacity * 2, used + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        memcpy(larger, base, used)
        base.deallocate()
        base = larger
    }
}

extension [UInt8] {
    /// A copy of the buffer's bytes.
    public init(_ buffer: borrowing ByteBuffer) { self.init(buffer.bytes) }
}
