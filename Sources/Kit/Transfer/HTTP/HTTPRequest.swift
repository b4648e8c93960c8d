/// A POST to one address. What it holds can be sent as it is: a value of this type cannot smuggle a header.
package final class HTTPRequest: Sendable, CustomStringConvertible {
    package let url: WebAddress
    /// Sent in this order. `Content-Type` belongs here.
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Limit for the whole attempt, from name resolution to the last byte of the answer.
    package let timeout: Duration
    /// Name and password of HTTP Basic authentication.
    package let basicAuth: (user: String, password: String)?

    package init(url: WebAddress, headers: HTTPHeaders, body: [UInt8], timeout: Duration) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        basicAuth = nil
    }

    /// - Throws: kind `invalid` where a header cannot be sent (``HTTPHeaders``), or the credentials hold a control
    ///   character or the user name a colon.
    package init(
        url: WebAddress, headers: [(name: String, value: String)], body: [UInt8], timeout: Duration,
        basicAuth: (user: String, password: String)? = nil
    ) throws(TransferFailure) {
        if let basicAuth {
            guard Self.isCredential(basicAuth.user), Self.isCredential(basicAuth.password),
                !basicAuth.user.utf8.contains(UInt8(ascii: ":"))
            else {
                throw TransferFailure(.invalid, "the user name or the password cannot be sent as Basic authentication")
            }
        }
        self.url = url
        self.headers = try HTTPHeaders(headers)
        self.body = body
        self.timeout = timeout
        self.basicAuth = basicAuth
    }

    private static func isCredential(_ text: String) -> Bool {
        var text = text
        return text.withUTF8(HTTPHeaders.isValue)
    }

    /// Scheme, host and port only; the rest may be secret.
    package var description: String { "a POST to \(url)" }
}
