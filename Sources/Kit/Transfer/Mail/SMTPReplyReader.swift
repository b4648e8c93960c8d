/// Turns the bytes of a mail server into replies, however the network cut them.
struct SMTPReplyReader {
    /// What comes is no SMTP.
    struct Malformed: Error, Equatable {}

    /// More than any server needs for one reply.
    private static let limit = 16 * 1024

    private var buffer: [UInt8] = []
    private var position = 0
    /// There is no line end between `position` and here.
    private var searched = 0
    private var code = 0
    private var lines: [String] = []
    private var replyBytes = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if position > 0 {
            buffer.removeFirst(position)
            searched -= position
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next complete reply; nil where more bytes are needed.
    mutating func next() throws(Malformed) -> SMTPReply? {
        while let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[position...end]
            position = end + 1
            searched = position
            replyBytes += line.count
            guard replyBytes <= Self.limit else { throw Malformed() }
            guard try read(line) else { continue }
            defer {
                lines.removeAll()
                code = 0
                replyBytes = 0
            }
            return SMTPReply(code: code, lines: lines)
        }
        searched = buffer.count
        guard buffer.count - position + replyBytes <= Self.limit else { throw Malformed() }
        return nil
    }

    /// - Returns: whether this line is the reply's last.
    private mutating func read(_ line: ArraySlice<UInt8>) throws(Malformed) -> Bool {
        var end = line.endIndex - 1
        if end > line.startIndex, line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        let text = line[line.startIndex..<end]
        guard text.count >= 3, text.prefix(3).allSatisfy(\.isDigit) else { throw Malformed() }
        let value = text.prefix(3).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let separator = text.count > 3 ? text[text.startIndex + 3] : UInt8(ascii: " ")
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-"), (200..<600).contains(value),
            code == 0 || code == value
        else { throw Malformed() }
        code = value
        lines.append(String(decoding: text.dropFirst(4), as: UTF8.self))
        return separator == UInt8(ascii: " ")
    }
}
