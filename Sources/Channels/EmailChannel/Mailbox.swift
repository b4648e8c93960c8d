/// An address with an optional display name, as it stands in From, To and Reply-To.
struct Mailbox: Sendable, Equatable {
    let address: MailAddress
    let name: String?

    /// - Returns: nil when the name holds a control character.
    init?(address: MailAddress, name: String?) {
        if let name, !HeaderText.isSafe(name) { return nil }
        self.address = address
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads `a@example.com` or `Name <a@example.com>` or `"Name" <a@example.com>`, as configuration gives it.
    init?(configured text: String) {
        guard text.last == ">", let bracket = text.lastIndex(of: "<") else {
            guard let address = MailAddress(text) else { return nil }
            self.init(address: address, name: nil)
            return
        }
        var name = text[..<bracket].drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        if name.count >= 2, name.first == "\"", name.last == "\"" { name = name.dropFirst().dropLast() }
        guard let address = MailAddress(String(text[text.index(after: bracket)...].dropLast())) else { return nil }
        self.init(address: address, name: String(name))
    }
}
