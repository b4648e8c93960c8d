import Glibc
package import Time

/// One mail to one recipient. The envelope cannot hold a second command, and the message cannot end early.
package final class MailRequest: Sendable, CustomStringConvertible {
    package let server: MailServer
    /// Envelope sender; empty for a null sender.
    package let from: String
    /// Envelope recipient.
    package let to: String
    /// The message with CRLF line ends; dots are stuffed when it is sent.
    package let message: [UInt8]
    /// Limit for the whole attempt, from the moment a session takes it.
    package let timeout: Duration
    /// From this moment on no session takes it, however long it has waited for one; nil: always.
    package let notAfter: UnixTime?
    /// True where the message holds a byte beyond ASCII, so that the server must offer 8BITMIME.
    let isEightBit: Bool

    /// - Throws: kind `invalid` where an address could not stand between the brackets of a command, or the message
    ///   has a CR or LF that is not part of a CRLF.
    package init(
        server: MailServer, from: String, to: String, message: [UInt8], timeout: Duration, notAfter: UnixTime? = nil
    ) throws(TransferFailure) {
        guard from.isEmpty || Self.isAddress(from) else {
            throw TransferFailure(.invalid, "the sender is not an address that a mail command can carry")
        }
        guard Self.isAddress(to) else {
            throw TransferFailure(.invalid, "the recipient is not an address that a mail command can carry")
        }
        guard message.withUnsafeBytes(Self.hasOnlyCRLF) else {
            throw TransferFailure(.invalid, "the message has a line end that is not CRLF")
        }
        self.server = server
        self.from = from
        self.to = to
        self.message = message
        self.timeout = timeout
        self.notAfter = notAfter
        isEightBit = message.withUnsafeBytes { $0.reduce(0, |) } >= 0x80
    }

    /// The server only; never the addresses or the message.
    package var description: String { "a mail through \(server)" }

    /// True where an address is not plain ASCII, so that the server must offer SMTPUTF8.
    package var needsUTF8: Bool {
        !(from.utf8.allSatisfy { $0 < 0x80 } && to.utf8.allSatisfy { $0 < 0x80 })
    }

    /// One `@` with something on both sides, at most 254 bytes, no white space, control character or bracket, and no
    /// U+FFFD: that stands for bytes that were no text, so the address is not the one that was meant.
    /// Stricter than RFC 5321: a quoted local part with a blank is refused too.
    private static func isAddress(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.count <= 254, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return false }
        guard at != bytes.startIndex, bytes.index(after: at) != bytes.endIndex else { return false }
        return bytes.allSatisfy {
            $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
        }
            && !text.unicodeScalars.contains {
                $0.value >= 0x80 && ($0.properties.isWhitespace || $0.value < 0xA0 || $0.value == 0xFFFD)
            }
    }

    /// A lone CR or LF is how one mail is smuggled into another.
    private static func hasOnlyCRLF(_ message: UnsafeRawBufferPointer) -> Bool {
        guard var position = message.baseAddress else { return true }
        let end = position + message.count
        while position < end {
            let lineFeed = memchr(position, 0x0A, end - position).map { UnsafeRawPointer($0) }
            let line = (lineFeed ?? end) - position
            let carriageReturn = memchr(position, 0x0D, line).map { UnsafeRawPointer($0) }
            guard let lineFeed else { return carriageReturn == nil }
            guard carriageReturn == lineFeed - 1 else { return false }
            position = lineFeed + 1
        }
        return true
    }
}
