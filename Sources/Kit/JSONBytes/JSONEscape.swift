internal import Glibc

/// Reading the escapes of RFC 8259, section 7.
enum JSONEscape {
    /// The value of four hexadecimal digits, or nil where one of them is none.
    static func hex(_ digits: UnsafePointer<UInt8>) -> UInt16? {
        var value: UInt16 = 0
        for offset in 0..<4 {
            let digit = digits[offset]
            let nibble: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(nibble)
        }
        return value
    }

    /// Appends the text of an escaped string that the scanner has validated.
    static func appendUnescaped(_ text: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
        guard let base = text.baseAddress else { return }
        var position = 0
        while position < text.count {
            guard base[position] == UInt8(ascii: "\\") else {
                let start = base + position
                let rest = text.count - position
                let length = memchr(start, 0x5C, rest).map { UnsafeRawPointer(start).distance(to: $0) } ?? rest
                output.append(UnsafeRawBufferPointer(start: start, count: length))
                position += length
                continue
            }
            switch base[position + 1] {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                position += appendUnicode(base + position, available: text.count - position, to: &output)
                continue
            default: output.append(base[position + 1])
            }
            position += 2
        }
    }

    /// Appends the scalar of a `\u` escape (or of a surrogate pair of them) and returns the bytes it took.
    private static func appendUnicode(
        _ text: UnsafePointer<UInt8>, available: Int, to output: inout ByteBuffer
    ) -> Int {
        let first = UInt32(hex(text + 2) ?? 0xFFFD)
        if first & 0xFC00 == 0xD800, available >= 12, text[6] == UInt8(ascii: "\\"), text[7] == UInt8(ascii: "u"),
            let second = hex(text + 8), second & 0xFC00 == 0xDC00
        {
            append(0x10000 + (first & 0x3FF) << 10 + UInt32(second) & 0x3FF, to: &output)
            return 12
        }
        append(first & 0xF800 == 0xD800 ? 0xFFFD : first, to: &output)
        return 6
    }

    private static func append(_ scalar: UInt32, to output: inout ByteBuffer) {
        for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
            output.append(byte)
        }
    }
}
