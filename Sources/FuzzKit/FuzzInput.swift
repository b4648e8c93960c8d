/// Takes a fuzzer's bytes apart. Every part is a copy of exactly its size, so that reading beyond it is noticed.
struct FuzzInput {
    private var rest: UnsafeRawBufferPointer.SubSequence

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    /// The next byte; 0 behind the end.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// The bytes before the next NUL, which is left out; all that are left where there is none.
    mutating func part() -> [UInt8] {
        let end = rest.firstIndex(of: 0) ?? rest.endIndex
        defer { rest = end < rest.endIndex ? rest[(end + 1)...] : rest[end...] }
        return Array(rest[..<end])
    }

    /// The next `count` bytes, or as many as are left.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that are left.
    mutating func remainder() -> [UInt8] { bytes(rest.count) }
}
