/// A mail address that is safe in an envelope and in a header: it holds no control character, no space and none of the
/// characters that could end it early.
struct MailAddress: Sendable, Equatable {
    /// As it was given, blanks around it removed.
    let text: String
    /// What stands behind the `@`, lower-cased.
    let domain: String
    /// Whether a server must speak SMTPUTF8 to take it.
    let needsUTF8: Bool

    /// Checks `text`: one `@`, a local part of 1 to 64 bytes, a domain of labels, 254 bytes in all.
    ///
    /// Quoted local parts and address literals are refused. Letters beyond ASCII are accepted on both sides.
    init?(_ text: String) {
        let bytes = Array(Self.trimmed(text))
        guard bytes.count <= 254, let at = bytes.firstIndex(of: UInt8(ascii: "@")),
            Self.isLocalPart(bytes[..<at]), Self.isDomain(bytes[(at + 1)...])
        else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
        domain = String(decoding: bytes[(at + 1)...], as: UTF8.self).lowercased()
        needsUTF8 = bytes.contains { $0 >= 0x80 }
    }

    private static func trimmed(_ text: String) -> Substring.UTF8View.SubSequence {
        var bytes = Substring(text).utf8[...]
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return bytes
    }

    private static func isLocalPart(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...64).contains(bytes.count) else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy(isAtomByte)
        }
    }

    private static func isDomain(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(bytes.count) else { return false }
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 >= 0x80 }
        }
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
