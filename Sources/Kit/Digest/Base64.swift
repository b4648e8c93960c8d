/// Base64 of RFC 4648, section 4: the standard alphabet, padded, one line.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBytes { append($0, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of `bytes`.
    public static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + (bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let second = start + 1 < bytes.count ? bytes[start + 1] : nil
            let third = start + 2 < bytes.count ? bytes[start + 2] : nil
            let group = Int(bytes[start]) << 16 | Int(second ?? 0) << 8 | Int(third ?? 0)
            output.append(alphabet[group >> 18])
            output.append(alphabet[group >> 12 & 0x3F])
            output.append(second == nil ? padding : alphabet[group >> 6 & 0x3F])
            output.append(third == nil ? padding : alphabet[group & 0x3F])
        }
    }

    /// The bytes that `text` stands for; nil where it is not exactly what an encoder writes: a foreign character,
    /// white space, missing padding or bits behind the end.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    /// The bytes that the text in `bytes` stands for, as ``decode(_:)-(String)`` does.
    public static func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count.isMultiple(of: 4) else { return nil }
        var digits = bytes.count
        while digits > 0, bytes.count - digits < 2, bytes[digits - 1] == padding { digits -= 1 }
        var output: [UInt8] = []
        output.reserveCapacity(digits / 4 * 3 + 2)
        var (group, bits) = (0, 0)
        for position in 0..<digits {
            guard let value = value(of: bytes[position]) else { return nil }
            group = group << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                output.append(UInt8(group >> bits))
                group &= 1 << bits - 1
            }
        }
        return group == 0 ? output : nil
    }

    private static func value(of digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit) - 48 + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
