/// UTF-8 well-formedness, after table 3-7 of the Unicode Standard.
public enum UTF8Sequence {
    /// The length (1 to 4) of the well-formed sequence at `bytes`, or 0 where there is none.
    public static func length(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        guard available > 0 else { return 0 }
        let first = bytes[0]
        if first < 0x80 { return 1 }
        guard first >= 0xC2, first <= 0xF4 else { return 0 }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard length <= available else { return 0 }
        let (low, high): (UInt8, UInt8) =
            switch first {
            case 0xE0: (0xA0, 0xBF)
            case 0xED: (0x80, 0x9F)
            case 0xF0: (0x90, 0xBF)
            case 0xF4: (0x80, 0x8F)
            default: (0x80, 0xBF)
            }
        guard bytes[1] >= low, bytes[1] <= high else { return 0 }
        for offset in 2..<max(length, 2) where bytes[offset] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// Whether all of `bytes` is well-formed UTF-8.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        var position = 0
        while position < bytes.count {
            let step = length(base + position, available: bytes.count - position)
            if step == 0 { return false }
            position += step
        }
        return true
    }
}
