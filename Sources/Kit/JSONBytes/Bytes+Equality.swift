internal import Glibc

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes: compared as blocks, where `elementsEqual` goes byte by byte.
    @inline(__always)
    public func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let left = baseAddress, let right = other.baseAddress else { return true }
        // Names of the same length mostly differ in their first byte already.
        guard left.load(as: UInt8.self) == right.load(as: UInt8.self) else { return false }
        return memcmp(left, right, count) == 0
    }
}
