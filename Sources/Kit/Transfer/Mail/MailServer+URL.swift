internal import CCurl

extension MailServer {
    /// Whether sessions can be made with it, as far as host, port and client name say. Settings are checked with it.
    package var isAddressable: Bool { (try? url()) != nil }

    /// What libcurl opens a session by. The client's name is the URL's path.
    ///
    /// - Throws: kind `other` where host, port or name are none or memory is short: no mail is wrong then.
    func url() throws(TransferFailure) -> String {
        guard let handle = URLHandle() else { throw TransferFailure(.other, "out of memory") }
        let host = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let isName: (UInt8) -> Bool = { $0 > 0x20 && $0 < 0x7F && !"/?#%@\\".utf8.contains($0) }
        guard host.utf8.allSatisfy(isName), clientName.utf8.allSatisfy(isName), !host.isEmpty,
            (1...65_535).contains(port),
            handle.set(CURLUPART_SCHEME, security == .tls ? "smtps" : "smtp"),
            handle.set(CURLUPART_HOST, host), handle.set(CURLUPART_PORT, String(port)),
            handle.set(CURLUPART_PATH, "/\(clientName)", flags: UInt32(CURLU_URLENCODE)),
            let url = handle.part(CURLUPART_URL)
        else { throw TransferFailure(.other, "no session: host, port or client name of the mail server") }
        return url
    }
}
