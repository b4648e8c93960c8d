internal import JSONBytes
internal import Notifications

/// A recipient as it is hashed and sent.
enum RecipientText {
    /// Appends `text` in the channel's normal form: an address without blanks around it and with its domain in lower
    /// case, a phone number without blanks, dashes, dots and parentheses, anything else as it is.
    static func appendNormalized(_ text: UnsafeRawBufferPointer, of channel: ChannelName, to output: inout ByteBuffer) {
        switch channel {
        case .email: appendAddress(text, to: &output)
        case .sms:
            for byte in text where !isPhoneFiller(byte) { output.append(byte) }
        case .webhook, .slack: output.append(text)
        }
    }

    private static func appendAddress(_ text: UnsafeRawBufferPointer, to output: inout ByteBuffer) {
        var (start, end) = (0, text.count)
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        // Backwards to the begin of the domain.
        var at = end
        var isASCII = true
        while at > start, text[at - 1] != UInt8(ascii: "@") {
            at -= 1
            if text[at] >= 0x80 { isASCII = false }
        }
        if at == start { return output.append(UnsafeRawBufferPointer(rebasing: text[start..<end])) }
        output.append(UnsafeRawBufferPointer(rebasing: text[start..<at]))
        let domain = UnsafeRawBufferPointer(rebasing: text[at..<end])
        guard isASCII else { return output.append(text: String(decoding: domain, as: UTF8.self).lowercased()) }
        output.append(count: domain.count) { target in
            for position in domain.indices {
                let byte = domain[position]
                let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                target[position] = isUpper ? byte | 0x20 : byte
            }
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
