/// The headers of a request, as the lines that go on the wire. What could smuggle a header or frame the request is
/// refused when it is added, so that a value of this type can be sent as it is.
package struct HTTPHeaders: Sendable {
    /// One line behind the other, each ended by a zero byte: `name: value`, or `name;` where the value is empty, which is
    /// how libcurl wants it.
    private(set) var lines: [UInt8] = []
    package private(set) var count = 0

    /// - Parameter capacity: bytes of all lines for which there is room at once.
    package init(capacity: Int = 0) {
        lines.reserveCapacity(capacity)
    }

    /// - Throws: as ``append(_:_:)`` says.
    package init(_ headers: [(name: String, value: String)]) throws(TransferFailure) {
        self.init()
        for header in headers { try append(header.name, header.value) }
    }

    /// Bytes of all lines.
    package var size: Int { lines.count }

    /// Adds a header behind the others.
    ///
    /// - Throws: kind `invalid` where the name is no token or one that frames the request, or the value holds a control
    ///   character.
    package mutating func append(_ name: String, _ value: String) throws(TransferFailure) {
        var text = name
        let (isToken, isReserved) = text.withUTF8 { (Self.isToken($0), Self.isReserved($0)) }
        guard isToken else { throw TransferFailure(.invalid, "a header name is not a token of HTTP") }
        guard !isReserved else {
            throw TransferFailure(.invalid, "header \(name) is set by the library and cannot be given")
        }
        let start = lines.count
        text.withUTF8 { lines.append(contentsOf: $0) }
        try appendValue(value, toLineAt: start)
    }

    /// Adds a header whose name is known when the program is built: a token that frames nothing.
    ///
    /// - Throws: kind `invalid` where the value holds a control character.
    package mutating func append(known name: StaticString, _ value: String) throws(TransferFailure) {
        let start = lines.count
        lines.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        try appendValue(value, toLineAt: start)
    }

    /// Adds headers behind the others.
    package mutating func append(contentsOf others: HTTPHeaders) {
        lines.append(contentsOf: others.lines)
        count += others.count
    }

    private mutating func appendValue(_ value: String, toLineAt start: Int) throws(TransferFailure) {
        var value = value
        let nameEnd = lines.count
        let isGood = value.withUTF8 { value in
            guard !value.isEmpty else {
                lines.append(UInt8(ascii: ";"))
                return true
            }
            lines.append(contentsOf: Self.colon)
            lines.append(contentsOf: value)
            return Self.isValue(value)
        }
        guard isGood else {
            let name = String(decoding: lines[start..<nameEnd], as: UTF8.self)
            lines.removeLast(lines.count - start)
            throw TransferFailure(.invalid, "the value of header \(name) holds a control character")
        }
        lines.append(0)
        count += 1
    }
}

/// The headers one by one, for whoever wants to look at them.
extension HTTPHeaders: Sequence {
    package func makeIterator() -> AnyIterator<(name: String, value: String)> {
        var rest = lines.split(separator: 0)[...]
        return AnyIterator {
            guard let line = rest.popFirst() else { return nil }
            let name = line.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
            let value = line.dropFirst(name.count + 2)
            return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }
}

// MARK: - What HTTP allows

extension HTTPHeaders {
    private static let colon = [UInt8(ascii: ":"), UInt8(ascii: " ")]

    /// What says where a request ends is not for callers.
    private static let reserved: [StaticString] = [
        "content-length", "transfer-encoding", "connection", "expect", "host",
    ]

    private static func isReserved(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        reserved.contains { word in
            // The bit makes letters small and leaves the hyphen; other bytes of a token are in no reserved name.
            word.utf8CodeUnitCount == name.count
                && name.indices.allSatisfy { name[$0] | 0x20 == word.utf8Start[$0] }
        }
    }

    /// Not empty, and `tchar` of RFC 9110 throughout.
    private static func isToken(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy(isTokenByte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// No control character but a tab.
    static func isValue(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(isValue)
    }

    private static func isValue(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // To the end in any case: a loop without a way out takes many bytes at once.
        var faults: UInt8 = 0
        for byte in text { faults |= (byte < 0x20 && byte != 0x09) || byte == 0x7F ? 1 : 0 }
        return faults == 0
    }
}
