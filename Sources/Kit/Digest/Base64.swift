/// Base64 of RFC 4648, section 4: the standard alphabet, padded, one line.
public enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBytes { append($0, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the text of `bytes`.
    public static func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: repeatElement(padding, count: length(of: bytes.count)))
        output.withUnsafeMutableBufferPointer { write(bytes, to: UnsafeMutableBufferPointer(rebasing: $0[start...])) }
    }

    /// How long the text of so many bytes is.
    public static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes the text of `bytes` to the start of `output`, which has room for it.
    public static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableBufferPointer<UInt8>) {
        precondition(output.count >= length(of: bytes.count))
        var end = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let second = start + 1 < bytes.count ? bytes[start + 1] : nil
            let third = start + 2 < bytes.count ? bytes[start + 2] : nil
            let group = Int(bytes[start]) << 16 | Int(second ?? 0) << 8 | Int(third ?? 0)
            output[end] = digit(group >> 18)
            output[end + 1] = digit(group >> 12)
            output[end + 2] = second == nil ? padding : digit(group >> 6)
            output[end + 3] = third == nil ? padding : digit(group)
            end += 4
        }
    }

    /// The digit of the last six bits.
    private static func digit(_ bits: Int) -> UInt8 { alphabet.utf8Start[bits & 0x3F] }

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
