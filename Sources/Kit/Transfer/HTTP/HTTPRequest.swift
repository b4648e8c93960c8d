/// A POST to one address. What it holds can be sent as it is: a value of this type cannot smuggle a header.
package final class HTTPRequest: Sendable, CustomStringConvertible {
    package let url: WebAddress
    /// Sent in this order. `Content-Type` belongs here.
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Limit for the whole attempt, from name resolution to the last byte of the answer.
    package let timeout: Duration
    package let basicAuth: BasicAuth?

    package init(
        url: WebAddress, headers: HTTPHeaders, body: [UInt8], timeout: Duration, basicAuth: BasicAuth? = nil
    ) {
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.basicAuth = basicAuth
    }

    /// Scheme, host and port only; the rest may be secret.
    package var description: String { "a POST to \(url)" }
}

/// Name and password of HTTP Basic authentication.
package struct BasicAuth: Sendable {
    package let user: String
    package let password: String

    /// - Throws: kind `invalid` where they hold a control character, or the name a colon.
    package init(user: String, password: String) throws(TransferFailure) {
        guard HTTPHeaders.isValue(user), HTTPHeaders.isValue(password), !user.utf8.contains(UInt8(ascii: ":")) else {
            throw TransferFailure(.invalid, "the user name or the password cannot be sent as Basic authentication")
        }
        self.user = user
        self.password = password
    }
}
