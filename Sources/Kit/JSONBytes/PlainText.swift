/// Finds the bytes of a JSON string that need a closer look, eight at a time.
enum PlainText {
    /// The position of the first byte from `start` on that is no ASCII, a control character, a quote or a backslash;
    /// `end` where there is none.
    @inline(__always)
    static func end(of base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 8 <= end {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
            let found = special(word)
            if found != 0 { return position &+ found.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        return position < end ? endOfRest(of: base, from: position, to: end) : end
    }

    /// The same for less than eight bytes.
    @inline(never)
    private static func endOfRest(of base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        if end >= 8 {
            // The last eight bytes without those before `start`. The zeros in their place are special and stand behind.
            let word = UnsafeRawPointer(base + end - 8).loadUnaligned(as: UInt64.self).littleEndian
            let found = special(word >> UInt64(64 - 8 * (end - start)))
            return start &+ found.trailingZeroBitCount >> 3
        }
        var position = start
        while position < end, !isSpecial(base[position]) { position &+= 1 }
        return position
    }

    /// The high bit of each special byte is set. A borrow can also set those of bytes behind a special one, so only
    /// the lowest bit counts.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ everyByte(UInt8(ascii: "\""))
        let backslash = word ^ everyByte(UInt8(ascii: "\\"))
        let below = (word &- everyByte(0x20)) | (quote &- everyByte(1)) | (backslash &- everyByte(1))
        // The bits of `below` count for bytes that are ASCII; all others are special by themselves.
        return (below | word) & everyByte(0x80)
    }

    @inline(__always)
    private static func everyByte(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
