/// The quoted-printable encoding of RFC 2045, for text whose line breaks are CRLF already.
enum QuotedPrintable {
    /// How long an encoded line may be, with the `=` of a soft break.
    private static let lineLimit = 76

    /// Appends `text` in lines of at most 76 bytes; blanks at the end of a line are escaped.
    static func append(_ text: [UInt8], to output: inout [UInt8]) {
        // At worst every byte becomes three, and every 25 of them take a soft break of three more.
        let capacity = text.count * 3 + text.count / 8 + 3
        output += text.withUnsafeBufferPointer { text in
            [UInt8](unsafeUninitializedCapacity: capacity) { encoded, count in
                count = encode(text, into: encoded)
            }
        }
    }

    /// Writes the encoded text and returns its length.
    private static func encode(
        _ text: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var count = 0
        var column = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            position += 1
            // Most of a text.
            if isVerbatim(byte), column < lineLimit - 1 {
                output[count] = byte
                count += 1
                column += 1
                continue
            }
            if byte == 0x0D, position < text.count, text[position] == 0x0A {
                output[count] = 0x0D
                output[count + 1] = 0x0A
                count += 2
                column = 0
                position += 1
                continue
            }
            let isVerbatim = isVerbatim(byte) || (isBlank(byte) && position < text.count && text[position] != 0x0D)
            if column + (isVerbatim ? 1 : 3) > lineLimit - 1 {
                output[count] = UInt8(ascii: "=")
                output[count + 1] = 0x0D
                output[count + 2] = 0x0A
                count += 3
                column = 0
            }
            if isVerbatim {
                output[count] = byte
                count += 1
                column += 1
            } else {
                output[count] = UInt8(ascii: "=")
                output[count + 1] = hexDigit(byte >> 4)
                output[count + 2] = hexDigit(byte & 0xF)
                count += 3
                column += 3
            }
        }
        return count
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
}
