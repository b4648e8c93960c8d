/// A POST to one address. What it holds can be sent as it is: a value of this type cannot smuggle a header.
package struct HTTPRequest: Sendable, CustomStringConvertible {
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
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(Self.isTokenByte) else {
                throw TransferFailure(.invalid, "a header name is not a token of HTTP")
            }
            guard !Self.reserved.contains(header.name.lowercased()) else {
                throw TransferFailure(.invalid, "header \(header.name) is set by the library and cannot be given")
            }
            guard header.value.utf8.allSatisfy(Self.isValueByte) else {
                throw TransferFailure(.invalid, "the value of header \(header.name) holds a control character")
            }
        }
        if let basicAuth {
            let isClean =
                basicAuth.user.utf8.allSatisfy(Self.isValueByte)
                && basicAuth.password.utf8.allSatisfy(Self.isValueByte)
            guard isClean, !basicAuth.user.utf8.contains(UInt8(ascii: ":")) else {
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
    private static let reserved: Set<String> = ["content-length", "transfer-encoding", "connection", "expect", "host"]

    /// `tchar` of RFC 9110.
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

    /// Anything but control characters; a tab is allowed.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte != 0x7F) || byte == 0x09
    }
}
