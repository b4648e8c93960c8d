import Glibc

/// The end of a message is a line with a dot, so a line of the message that starts with one gets another.
enum DotStuffing {
    /// Appends the message, whose line ends are all CRLF, stuffed, and the line that ends it.
    static func append(_ message: [UInt8], to output: inout [UInt8]) {
        output.reserveCapacity(output.count + message.count + 16)
        message.withUnsafeBytes { bytes in
            var copied = 0
            if bytes.first == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
            while let found = lineWithDot(bytes, from: copied) {
                output.append(contentsOf: bytes[copied...found])
                output.append(UInt8(ascii: "."))
                copied = found + 1
            }
            output.append(contentsOf: bytes[copied...])
        }
        if let last = message.last, last != 0x0A { output.append(contentsOf: [0x0D, 0x0A]) }
        output.append(contentsOf: ".\r\n".utf8)
    }

    /// The position of the next line feed that a dot follows.
    private static func lineWithDot(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var position = start
        while position + 1 < bytes.count,
            let found = memchr(base + position, 0x0A, bytes.count - 1 - position)
        {
            position = UnsafeRawPointer(found) - base
            if bytes[position + 1] == UInt8(ascii: ".") { return position }
            position += 1
        }
        return nil
    }
}
