/// Free text in a header: what may stand there, and how.
enum HeaderText {
    /// Whether `text` can be a header's text at all: no line break, no NUL and no other control character but a tab.
    static func isSafe(_ text: String) -> Bool {
        bytes(of: text) { $0.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) } }
    }

    /// Appends a subject or the like: as it is where it is plain ASCII in short words, else as encoded words.
    ///
    /// - Parameter column: how many bytes stand on the line already.
    static func appendUnstructured(_ text: String, column: Int, to output: inout [UInt8]) {
        guard isPlain(text) else { return EncodedWord.append(text, column: column, to: &output) }
        // A text that fits needs no look at its words.
        if column + text.utf8.count <= EncodedWord.lineLimit { return output.append(contentsOf: text.utf8) }
        var column = column
        for (index, word) in text.utf8.split(separator: 0x20).enumerated() {
            if index > 0 {
                let folds = column + 1 + word.count > EncodedWord.lineLimit
                if folds { output.append(contentsOf: "\r\n".utf8) }
                output.append(0x20)
                column = folds ? 1 : column + 1
            }
            output.append(contentsOf: word)
            column += word.count
        }
    }

    /// Appends a display name: atoms as they are, other short ASCII quoted, anything else as encoded words.
    static func appendPhrase(_ text: String, column: Int, to output: inout [UInt8]) {
        let bytes = text.utf8
        if isPlain(text), Self.bytes(of: text, { $0.allSatisfy { $0 == 0x20 || MailAddress.isAtomByte($0) } }) {
            appendUnstructured(text, column: column, to: &output)
        } else if isPlain(text), column + quoted(bytes).count <= EncodedWord.lineLimit {
            output.append(contentsOf: quoted(bytes))
        } else {
            EncodedWord.append(text, column: column, to: &output)
        }
    }

    /// A quoted string.
    private static func quoted(_ bytes: String.UTF8View) -> [UInt8] {
        var quoted = [UInt8(ascii: "\"")]
        for byte in bytes {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(byte)
        }
        quoted.append(UInt8(ascii: "\""))
        return quoted
    }

    /// ASCII words of at most 60 bytes with single blanks between them, and nothing that reads as an encoded word.
    private static func isPlain(_ text: String) -> Bool { bytes(of: text, isPlain) }

    private static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var word = 0
        var previous: UInt8 = 0x20
        for byte in text {
            if byte == 0x20 {
                if previous == 0x20 { return false }
                word = 0
            } else {
                guard byte > 0x20, byte < 0x7F, word < 60 else { return false }
                if byte == UInt8(ascii: "?"), previous == UInt8(ascii: "=") { return false }
                word += 1
            }
            previous = byte
        }
        return previous != 0x20 || text.isEmpty
    }

    /// Lends a text's bytes as they lie in memory, which is several times faster than to go through its UTF-8 view.
    static func bytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var text = text
        return text.withUTF8(body)
    }
}
