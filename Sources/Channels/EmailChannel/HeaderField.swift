internal import Time

/// One header line of a mail. Every header is written through this type, and it refuses line breaks: nothing that an
/// event carries can begin a header of its own.
struct HeaderField: Sendable, Equatable {
    /// The line with its folds, without the last CRLF.
    let bytes: [UInt8]

    /// A line of free text, such as the subject; nil where the text holds a control character.
    init?(_ name: StaticString, text: String) {
        guard HeaderText.isSafe(text) else { return nil }
        var bytes = Self.start(name)
        // A tab is white space to a reader; as a blank it needs no encoding.
        let flat = HeaderText.bytes(of: text, { $0.contains(0x09) }) ? String(text.map { $0 == "\t" ? " " : $0 }) : text
        HeaderText.appendUnstructured(flat, column: bytes.count, to: &bytes)
        self.bytes = bytes
    }

    /// A line with one mailbox, which is safe by its own type.
    init(_ name: StaticString, mailbox: Mailbox) {
        var bytes = Self.start(name)
        let address = mailbox.address.text.utf8
        if let name = mailbox.name {
            HeaderText.appendPhrase(name, column: bytes.count, to: &bytes)
            let lineStart = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            if bytes.count - lineStart + address.count + 3 > EncodedWord.lineLimit {
                bytes.append(contentsOf: "\r\n".utf8)
            }
            bytes.append(contentsOf: " <".utf8)
            bytes.append(contentsOf: address)
            bytes.append(UInt8(ascii: ">"))
        } else {
            bytes.append(contentsOf: address)
        }
        self.bytes = bytes
    }

    /// A line whose words are written as they are, one a line where they are several; nil where one of them holds
    /// anything but visible ASCII.
    init?(_ name: StaticString, words: [String]) {
        guard words.allSatisfy(Self.isVisible) else { return nil }
        var bytes = Self.start(name)
        bytes.append(contentsOf: words.joined(separator: "\r\n ").utf8)
        self.bytes = bytes
    }

    /// The line `Message-ID`; nil where one of its parts holds anything but visible ASCII.
    init?(messageID id: String, domain: String) {
        guard Self.isVisible(id), Self.isVisible(domain) else { return nil }
        var bytes = Self.start("Message-ID")
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: id.utf8)
        bytes.append(UInt8(ascii: "@"))
        bytes.append(contentsOf: domain.utf8)
        bytes.append(UInt8(ascii: ">"))
        self.bytes = bytes
    }

    /// The line `Date`.
    init(date: UnixTime) {
        var bytes = Self.start("Date")
        bytes.append(contentsOf: date.rfc5322.utf8)
        self.bytes = bytes
    }

    private static func isVisible(_ text: String) -> Bool {
        HeaderText.bytes(of: text) { $0.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
    }

    /// A line that this program knows word for word.
    init(_ name: StaticString, constant: StaticString) {
        bytes = Self.start(name) + Array(constant.description.utf8)
    }

    private static func start(_ name: StaticString) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(contentsOf: ": ".utf8)
        return bytes
    }
}
