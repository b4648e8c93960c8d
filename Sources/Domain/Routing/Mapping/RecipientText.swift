internal import JSONBytes
internal import Notifications

/// A recipient as it is hashed and sent.
enum RecipientText {
    /// Appends `text` in the channel's normal form: an address without blanks around it and with its domain in lower
    /// case, a phone number without blanks, dashes, dots and parentheses, anything else as it is.
    static func appendNormalized(_ text: UnsafeRawBufferPointer, of channel: ChannelName, to output: inout [UInt8]) {
        switch channel {
        case .email: appendAddress(text, to: &output)
        case .sms:
            for byte in text where !isPhoneFiller(byte) { output.append(byte) }
        case .webhook, .slack: output.append(contentsOf: text)
        }
    }

    private static func appendAddress(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        let domain = text[start..<end].lastIndex(of: UInt8(ascii: "@")) ?? end
        output.append(contentsOf: text[start..<domain])
        let isASCII = text[domain..<end].allSatisfy { $0 < 0x80 }
        guard isASCII else {
            return output.append(contentsOf: String(decoding: text[domain..<end], as: UTF8.self).lowercased().utf8)
        }
        for byte in text[domain..<end] {
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            output.append(isUpper ? byte | 0x20 : byte)
        }
    }

    /// Line ends are no blanks: an address with one is refused by its channel, not repaired.
    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }

    private static func isPhoneFiller(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), 0x09, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }
}
