internal import Digest

/// One text part of a mail: its canonical bytes, and the transfer encoding that suits them.
struct TextPart {
    enum Encoding: String {
        case sevenBit = "7bit"
        case quotedPrintable = "quoted-printable"
        case base64
    }

    /// The text in UTF-8 with CRLF line breaks.
    let bytes: [UInt8]
    let encoding: Encoding
    /// `text/plain` or `text/html`.
    let type: StaticString

    init(_ text: String, type: StaticString) {
        self.type = type
        bytes = Self.canonical(text)
        encoding = Self.encoding(for: bytes)
    }

    /// Appends `Content-Type`, `Content-Transfer-Encoding`, an empty line and the encoded text.
    func append(to output: inout [UInt8]) {
        output.append(contentsOf: "Content-Type: ".utf8)
        output.append(contentsOf: UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount))
        output.append(contentsOf: "; charset=utf-8\r\nContent-Transfer-Encoding: ".utf8)
        output.append(contentsOf: encoding.rawValue.utf8)
        output.append(contentsOf: "\r\n\r\n".utf8)
        switch encoding {
        case .sevenBit: output.append(contentsOf: bytes)
        case .quotedPrintable: QuotedPrintable.append(bytes, to: &output)
        case .base64: appendBase64(to: &output)
        }
    }

    /// Lines of 76 bytes, 57 bytes of text each.
    private func appendBase64(to output: inout [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: 57) {
                if start > 0 { output.append(contentsOf: "\r\n".utf8) }
                let line = bytes[start..<min(start + 57, bytes.count)]
                Base64.append(UnsafeRawBufferPointer(rebasing: line), to: &output)
            }
        }
    }

    /// CR, LF and CRLF all become CRLF.
    private static func canonical(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { source in
            // At worst every byte is a lone line break.
            [UInt8](unsafeUninitializedCapacity: source.count * 2) { output, count in
                var previous: UInt8 = 0
                for byte in source {
                    if byte == 0x0A || byte == 0x0D {
                        if byte == 0x0A, previous == 0x0D {
                            previous = byte
                            continue
                        }
                        output[count] = 0x0D
                        output[count + 1] = 0x0A
                        count += 2
                    } else {
                        output[count] = byte
                        count += 1
                    }
                    previous = byte
                }
            }
        }
    }

    /// Short ASCII lines go as they are; mostly ASCII stays readable; the rest is base64, which is shorter then.
    private static func encoding(for text: [UInt8]) -> Encoding {
        text.withUnsafeBufferPointer(encoding)
    }

    private static func encoding(_ bytes: UnsafeBufferPointer<UInt8>) -> Encoding {
        var line = 0
        var longest = 0
        var beyondASCII = 0
        var isPlain = true
        var previous: UInt8 = 0
        for byte in bytes {
            switch byte {
            // Most of a text.
            case 0x21..<UInt8(ascii: "_"), (UInt8(ascii: "_") + 1)...0x7E: line += 1
            case 0x0A:
                longest = max(longest, line)
                line = 0
            case 0x0D: if previous == 0x20 || previous == 0x09 { isPlain = false }
            case 0x09, 0x20, UInt8(ascii: "_"):
                line += 1
                // A boundary holds `=_`, which no encoded part can hold: a plain one must not either.
                if byte == UInt8(ascii: "_"), previous == UInt8(ascii: "=") { isPlain = false }
            default:
                line += 1
                beyondASCII += 1
            }
            previous = byte
        }
        if isPlain, beyondASCII == 0, max(longest, line) <= 76, previous != 0x20, previous != 0x09 { return .sevenBit }
        return beyondASCII * 5 > bytes.count ? .base64 : .quotedPrintable
    }
}
