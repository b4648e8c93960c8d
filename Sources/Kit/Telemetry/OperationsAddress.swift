/// Where the operations server listens, as `METRICS_SERVER_ADDRESS` says it.
package enum OperationsAddress: Sendable, Equatable {
    /// There is no server.
    case off
    /// A nil host means all interfaces; port 0 picks a free one.
    case listen(host: String?, port: UInt16)

    /// Reads `off`, `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464` or `:9464`; nil for anything else.
    package init?(_ text: String) {
        if text == "off" {
            self = .off
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }), let port = UInt16(digits)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard !host.isEmpty else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        self = .listen(host: host.isEmpty ? nil : String(host), port: port)
    }
}
