/// Where mail is handed over, and how. Sessions are shared by all mails with an equal server.
package struct MailServer: Sendable, Hashable, CustomStringConvertible {
    /// How the connection is encrypted.
    package enum Security: String, Sendable, Hashable, CaseIterable {
        /// Plain greeting, then STARTTLS; a server that does not offer it is refused.
        case starttls
        /// TLS from the first byte.
        case tls
        /// No encryption.
        case off
    }

    package let host: String
    package let port: Int
    package let security: Security
    /// No authentication where nil.
    package let username: String?
    package let password: String?
    /// PEM file with the authorities to trust instead of the system's.
    package let caFile: String?
    /// The name this client gives in EHLO: a domain name or an address literal in brackets.
    package let clientName: String

    package init(
        host: String, port: Int, security: Security, username: String? = nil, password: String? = nil,
        caFile: String? = nil, clientName: String = "localhost"
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.caFile = caFile
        self.clientName = clientName
    }

    /// Host and port tell nearly all servers apart.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(host)
        hasher.combine(port)
    }

    /// Host and port; never the password.
    package var description: String { "\(host):\(port)" }
}
