internal import CCurl

/// A URL that a request may go to: `http` or `https`, a host, no user name or password in it. Parsed once by the
/// library that also connects, so the check and the connection cannot see different hosts.
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
    /// The URL as it was given.
    package let text: String
    /// The host as it is looked up, without brackets.
    package let host: String
    /// The explicit or default port.
    package let port: Int
    /// True for `https`.
    package let isEncrypted: Bool
    let handle: URLHandle
    /// Stands for host and port; others may have the same.
    let hostHash: Int

    /// - Throws: kind `badURL`; the message does not repeat the URL, which may hold a secret.
    package init(_ text: String) throws(TransferFailure) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw TransferFailure(.badURL, "the URL holds a blank or a control character")
        }
        guard let handle = URLHandle() else { throw TransferFailure(.other, "out of memory") }
        guard handle.set(CURLUPART_URL, text) else { throw TransferFailure(.badURL, "the URL cannot be parsed") }
        let scheme = handle.part(CURLUPART_SCHEME)
        guard scheme == "https" || scheme == "http" else {
            throw TransferFailure(.badURL, "the URL must start with https:// (or http://)")
        }
        guard handle.part(CURLUPART_USER) == nil, handle.part(CURLUPART_PASSWORD) == nil else {
            throw TransferFailure(.badURL, "the URL must not hold a user name or a password")
        }
        guard let host = handle.part(CURLUPART_HOST), !host.isEmpty,
            let port = handle.part(CURLUPART_PORT, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }), port > 0
        else { throw TransferFailure(.badURL, "the URL has no host") }
        self.text = text
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        isEncrypted = scheme == "https"
        self.handle = handle
        var hasher = Hasher()
        hasher.combine(self.host)
        hasher.combine(port)
        hostHash = hasher.finalize()
    }

    /// Scheme, host and port only: what a log may show of a URL whose path is a secret.
    package var description: String {
        "\(isEncrypted ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    package static func == (left: WebAddress, right: WebAddress) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
