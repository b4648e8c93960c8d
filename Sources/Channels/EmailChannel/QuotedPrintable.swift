/// The quoted-printable encoding of RFC 2045, for text whose line breaks are CRLF already.
enum QuotedPrintable {
    /// How long an encoded line may be, with the `=` of a soft break.
    private static let lineLimit = 76

    /// Appends `text` in lines of at most 76 bytes; blanks at the end of a line are escaped.
    static func append(_ text: [UInt8], to output: inout [UInt8]) {
        var column = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            if byte == 0x0D, position + 1 < text.count, text[position + 1] == 0x0A {
                output.append(0x0D)
                output.append(0x0A)
                column = 0
                position += 2
                continue
            }
            let isVerbatim = isVerbatim(byte) || (isBlank(byte) && !endsLine(text, position))
            if column + (isVerbatim ? 1 : 3) > lineLimit - 1 {
                output.append(contentsOf: "=\r\n".utf8)
                column = 0
            }
            if isVerbatim {
                output.append(byte)
                column += 1
            } else {
                appendEscape(byte, to: &output)
                column += 3
            }
            position += 1
        }
    }

    /// Appends `=XX`.
    static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "="))
        output.append(hexDigit(byte >> 4))
        output.append(hexDigit(byte & 0xF))
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }

    private static func isVerbatim(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func endsLine(_ text: [UInt8], _ position: Int) -> Bool {
        position + 1 == text.count || text[position + 1] == 0x0D
    }
}
