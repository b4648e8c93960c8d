internal import Digest

/// Encoded words after RFC 2047: text beyond ASCII in a header.
enum EncodedWord {
    /// How long a line with an encoded word may be, without its CRLF.
    static let lineLimit = 76
    /// How long one word may be, with its delimiters.
    private static let wordLimit = 75
    /// `=?UTF-8?Q?` and `?=`.
    private static let overhead = 12

    /// Appends `text` as one or more encoded words, one a line, split between characters and never inside of one.
    static func append(_ text: String, column: Int, to output: inout [UInt8]) {
        let usesBase64 = quotedLength(text) > (text.utf8.count + 2) / 3 * 4
        var budget = max(min(wordLimit, lineLimit - column) - overhead, overhead)
        var piece: [UInt8] = []
        var length = 0
        var isFirst = true
        for scalar in text.unicodeScalars {
            let bytes = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            let grown =
                usesBase64
                ? (piece.count + bytes.count + 2) / 3 * 4 : length + bytes.reduce(0) { $0 + quotedLength($1) }
            if grown > budget, !piece.isEmpty {
                appendWord(piece, usesBase64: usesBase64, isFirst: isFirst, to: &output)
                piece.removeAll(keepingCapacity: true)
                isFirst = false
                budget = wordLimit - overhead
                length = bytes.reduce(0) { $0 + quotedLength($1) }
            } else {
                length = grown
            }
            piece.append(contentsOf: bytes)
        }
        appendWord(piece, usesBase64: usesBase64, isFirst: isFirst, to: &output)
    }

    private static func appendWord(_ bytes: [UInt8], usesBase64: Bool, isFirst: Bool, to output: inout [UInt8]) {
        if !isFirst { output.append(contentsOf: "\r\n ".utf8) }
        output.append(contentsOf: usesBase64 ? "=?UTF-8?B?".utf8 : "=?UTF-8?Q?".utf8)
        if usesBase64 {
            bytes.withUnsafeBytes { Base64.append($0, to: &output) }
        } else {
            for byte in bytes { appendQuoted(byte, to: &output) }
        }
        output.append(contentsOf: "?=".utf8)
    }

    // MARK: - The Q encoding, in the form that is safe in a phrase too

    private static func quotedLength(_ text: String) -> Int { text.utf8.reduce(0) { $0 + quotedLength($1) } }

    private static func quotedLength(_ byte: UInt8) -> Int { byte == 0x20 || isVerbatim(byte) ? 1 : 3 }

    private static func appendQuoted(_ byte: UInt8, to output: inout [UInt8]) {
        if byte == 0x20 {
            output.append(UInt8(ascii: "_"))
        } else if isVerbatim(byte) {
            output.append(byte)
        } else {
            QuotedPrintable.appendEscape(byte, to: &output)
        }
    }

    private static func isVerbatim(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
