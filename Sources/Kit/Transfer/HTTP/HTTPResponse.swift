/// A complete answer. A status of 400 or more is an answer like any other; the channel judges it.
package struct HTTPResponse: Sendable {
    /// The largest body that is read, in bytes. What comes after is not read and the connection is closed.
    package static let bodyLimit = 64 * 1024

    package let status: Int
    /// Names in lower case, in the order they came.
    package let headers: [(name: String, value: String)]
    /// At most `bodyLimit` bytes.
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, which is given in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}
