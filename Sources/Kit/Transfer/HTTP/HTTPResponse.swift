/// A complete answer. A status of 400 or more is an answer like any other; the channel judges it.
package struct HTTPResponse: Sendable {
    /// The largest body that is read, in bytes. What comes after is not read and the connection is closed.
    package static let bodyLimit = 64 * 1024

    package let status: Int
    /// At most `bodyLimit` bytes.
    package let body: [UInt8]
    /// The header lines as they came; most answers are judged by their status alone.
    private let headerBlock: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        let lines = headers.map { "\n\($0.name):\($0.value)" }.joined()
        self.init(status: status, headerBlock: Array(lines.utf8), body: body)
    }

    init(status: Int, headerBlock: [UInt8], body: [UInt8]) {
        self.status = status
        self.headerBlock = headerBlock
        self.body = body
    }

    /// Names in lower case, in the order they came.
    package var headers: [(name: String, value: String)] { HTTPHeaderBlock.parse(headerBlock) }

    /// The first header of that name, which is given in lower case.
    package func header(_ name: String) -> String? { HTTPHeaderBlock.value(of: name, in: headerBlock) }
}
