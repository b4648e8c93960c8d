import Delivery

/// What must hold for any text that a group's commit may carry, and for any set of offsets that is written into one.
///
/// The input is eight bytes of the committed offset, then the text; the same bytes are also read as a set.
enum MetadataProperties {
    static func check(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var input = FuzzInput(bytes)
        let base = Int64(input.bytes(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) } >> 8)
        let text = input.remainder()
        let read = CommitMetadata.decode(String(decoding: text, as: UTF8.self), base: base)
        try check(read, base)
        try checkCopy(of: read, base)
        try checkCopy(of: set(text, from: base), base)
    }

    /// Gaps and lengths in turn, one byte each.
    private static func set(_ bytes: [UInt8], from base: Int64) -> CompletedOffsets {
        var set = CompletedOffsets()
        var position = base
        for pair in stride(from: 0, to: bytes.count - 1, by: 2) {
            let start = position + Int64(bytes[pair])
            position = start + Int64(bytes[pair + 1])
            set.append(start..<position)
        }
        return set
    }

    private static func check(_ set: CompletedOffsets, _ base: Int64) throws(Violation) {
        var end = base
        for range in set.ranges {
            try Violation.unless(!range.isEmpty && range.lowerBound >= end, "ranges that are not in order")
            end = range.upperBound
        }
    }

    /// What is written fits, and is read as the same set, or as the beginning of it where not all fits.
    private static func checkCopy(of set: CompletedOffsets, _ base: Int64) throws(Violation) {
        guard let text = CommitMetadata.encode(set, base: base) else {
            return try Violation.unless(set.from(base).isEmpty, "a set was not written")
        }
        try Violation.unless(text.utf8.count <= CommitMetadata.maximumBytes, "the metadata is too long")
        let copy = CommitMetadata.decode(text, base: base)
        try check(copy, base)
        let isWhole = copy == set.from(base)
        try Violation.unless(isWhole || set.ranges.starts(with: copy.ranges), "the metadata is read as another set")
        try Violation.unless(isWhole || set.ranges.count > 150, "a small set was not written as a whole")
    }
}
