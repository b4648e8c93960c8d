/// A mail address that is safe in an envelope and in a header: it holds no control character, no space and none of the
/// characters that could end it early.
struct MailAddress: Sendable, Equatable {
    /// As it was given, blanks around it removed.
    let text: String
    /// Where the `@` is, in bytes.
    private let at: Int
    /// Whether a server must speak SMTPUTF8 to take it.
    let needsUTF8: Bool

    /// Checks `text`: one `@`, a local part of 1 to 64 bytes, a domain of labels, 254 bytes in all.
    ///
    /// Quoted local parts and address literals are refused. Letters beyond ASCII are accepted on both sides.
    init?(_ text: String) {
        var text = Self.trimmed(text)
        let parts = text.withUTF8 { bytes -> (at: Int, needsUTF8: Bool)? in
            guard bytes.count <= 254, let at = bytes.firstIndex(of: UInt8(ascii: "@")),
                Self.isLocalPart(bytes[..<at]), Self.isDomain(bytes[(at + 1)...])
            else { return nil }
            return (at, bytes.contains { $0 >= 0x80 })
        }
        guard let parts else { return nil }
        self.text = text
        at = parts.at
        needsUTF8 = parts.needsUTF8
    }

    /// What stands behind the `@`, lower-cased.
    var domain: String { String(decoding: text.utf8.dropFirst(at + 1), as: UTF8.self).lowercased() }

    private static func trimmed(_ text: String) -> String {
        func isBlank(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 }
        guard isBlank(text.utf8.first) || isBlank(text.utf8.last) else { return text }
        var bytes = Substring(text).utf8
        while isBlank(bytes.first) { bytes.removeFirst() }
        while isBlank(bytes.last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Atoms with single dots between them.
    private static func isLocalPart(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard (1...64).contains(bytes.count) else { return false }
        let dot = UInt8(ascii: ".")
        var previous = dot
        for byte in bytes {
            guard byte == dot ? previous != dot : isAtomByte(byte) else { return false }
            previous = byte
        }
        return previous != dot
    }

    /// Labels of 1 to 63 bytes, which neither begin nor end with a hyphen, with single dots between them.
    private static func isDomain(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard (1...253).contains(bytes.count) else { return false }
        let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
        var length = 0
        var previous = dot
        for byte in bytes {
            if byte == dot {
                guard (1...63).contains(length), previous != hyphen else { return false }
                length = 0
            } else {
                guard isAlphanumeric(byte) || byte >= 0x80 || (byte == hyphen && length > 0) else { return false }
                length += 1
            }
            previous = byte
        }
        return (1...63).contains(length) && previous != hyphen
    }

    /// RFC 5322's `atext`, with RFC 6532's letters beyond ASCII.
    static func isAtomByte(_ byte: UInt8) -> Bool {
        if isAlphanumeric(byte) || byte >= 0x80 { return true }
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }
}
