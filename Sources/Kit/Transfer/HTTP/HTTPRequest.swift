/// A POST to one address. What it holds can be sent as it is: a value of this type cannot smuggle a header.
package final class HTTPRequest: Sendable, CustomStringConvertible {
    package let url: WebAddress
    /// Sent in this order. `Content-Type` belongs here.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// Limit for the whole attempt, from name resolution to the last byte of the answer.
    package let timeout: Duration
    /// Name and password of HTTP Basic authentication.
    package let basicAuth: (user: String, password: String)?

    /// - Throws: kind `invalid` where a header name is no token or one that frames the request, or a header value or
    ///   the credentials hold a control character.
    package init(
        url: WebAddress, headers: [(name: String, value: String)], body: [UInt8], timeout: Duration,
        basicAuth: (user: String, password: String)? = nil
    ) throws(TransferFailure) {
        for header in headers {
            guard Self.isToken(header.name) else {
                throw TransferFailure(.invalid, "a header name is not a token of HTTP")
            }
            guard !Self.isReserved(header.name) else {
                throw TransferFailure(.invalid, "header \(header.name) is set by the library and cannot be given")
            }
            guard Self.isValue(header.value) else {
                throw TransferFailure(.invalid, "the value of header \(header.name) holds a control character")
            }
        }
        if let basicAuth {
            guard Self.isValue(basicAuth.user), Self.isValue(basicAuth.password),
                !basicAuth.user.utf8.contains(UInt8(ascii: ":"))
            else {
                throw TransferFailure(.invalid, "the user name or the password cannot be sent as Basic authentication")
            }
        }
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.basicAuth = basicAuth
    }

    /// Scheme, host and port only; the rest may be secret.
    package var description: String { "a POST to \(url)" }

    /// What says where a request ends is not for callers.
    private static let reserved: [StaticString] = [
        "content-length", "transfer-encoding", "connection", "expect", "host",
    ]

    private static func isReserved(_ name: String) -> Bool {
        bytes(of: name) { name in
            reserved.contains { word in
                // The bit makes letters small and leaves the hyphen; other bytes of a token are in no reserved name.
                word.utf8CodeUnitCount == name.count
                    && name.indices.allSatisfy { name[$0] | 0x20 == word.utf8Start[$0] }
            }
        }
    }

    /// Not empty, and `tchar` of RFC 9110 throughout.
    private static func isToken(_ text: String) -> Bool {
        bytes(of: text) { !$0.isEmpty && $0.allSatisfy(isTokenByte) }
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
    private static func isValue(_ text: String) -> Bool {
        bytes(of: text) { bytes in
            bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
        }
    }

    /// Lends a text's bytes as they lie in memory, which is several times faster than to go through its UTF-8 view.
    private static func bytes<Result>(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var text = text
        return text.withUTF8(body)
    }
}
