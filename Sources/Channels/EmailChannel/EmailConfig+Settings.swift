internal import ChannelSupport
internal import Delivery
internal import Settings
internal import Transfer

extension EmailConfig {
    /// Reads the sections `smtp` and `email` of `email.yaml`.
    ///
    /// - Returns: nil where a value is missing or wrong; the reader has noted the fault then.
    init?(reading reader: SettingsReader) {
        let email = reader.section("email")
        let from = Self.mailbox("from", env: "EMAIL_FROM", isRequired: true, email)
        let replyTo = Self.mailbox("reply_to", env: "EMAIL_REPLY_TO", isRequired: false, email)
        let listUnsubscribe = Self.listUnsubscribe(email)
        let smtp = reader.section("smtp")
        let server = Self.server(smtp, clientName: from?.address.domain ?? "localhost")
        timeout = smtp.duration("timeout", default: .seconds(60), in: .seconds(1) ... .seconds(600))
        rate = Destination.Rate(reading: smtp)
        transfer.mailSessionsPerServer = smtp.int("connections", default: 16, in: 1...1_000)
        transfer.connectTimeout = smtp.duration(
            "connect_timeout", default: transfer.connectTimeout, in: .milliseconds(100) ... .seconds(300))
        guard let from else { return nil }
        self.from = from
        self.replyTo = replyTo
        self.listUnsubscribe = listUnsubscribe
        self.server = server
    }

    private static func server(_ reader: SettingsReader, clientName: String) -> MailServer {
        let host = reader.requiredString("host", env: "SMTP_HOST")
        if !host.isEmpty, !isHost(host) {
            reader.report("host", "must be a host name or an address; the port is a setting of its own, port")
        }
        let security = reader.choice("tls", env: "SMTP_TLS", default: MailServer.Security.starttls)
        let port = reader.int("port", env: "SMTP_PORT", default: defaultPort(security), in: 1...65_535)
        let username = reader.optionalString("username", env: "SMTP_USERNAME")
        let password = reader.secret("password", env: "SMTP_PASSWORD")
        if username != nil, password == nil { reader.report("password", "missing beside a user name") }
        if username == nil, password != nil { reader.report("username", "missing beside a password") }
        let clientName = reader.string("client_name", default: clientName)
        if !clientName.utf8.allSatisfy(isHostByte) { reader.report("client_name", "must be a host name") }
        return MailServer(
            host: host, port: port, security: security, username: username, password: password?.value,
            caFile: reader.optionalPath("ca_file"), clientName: clientName)
    }

    private static func defaultPort(_ security: MailServer.Security) -> Int {
        switch security {
        case .starttls: 587
        case .tls: 465
        case .off: 25
        }
    }

    /// What a session can be opened with, and nothing that only a URL would take.
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy(isHostByte) && MailServer(host: text, port: 25, security: .off).isAddressable
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }

    private static func mailbox(
        _ key: String, env variable: String, isRequired: Bool, _ reader: SettingsReader
    ) -> Mailbox? {
        let text =
            isRequired ? reader.requiredString(key, env: variable) : reader.optionalString(key, env: variable) ?? ""
        guard !text.isEmpty else { return nil }
        guard let mailbox = Mailbox(configured: text) else {
            reader.report(key, "must be an address such as shop@example.com or Shop <shop@example.com>")
            return nil
        }
        guard !mailbox.address.needsUTF8 else {
            reader.report(key, "must be an address in ASCII; write a domain beyond it in its xn-- form")
            return nil
        }
        return mailbox
    }

    private static func listUnsubscribe(_ reader: SettingsReader) -> ListUnsubscribe? {
        let links = reader.strings("list_unsubscribe", default: [])
        let acceptsPost = reader.bool("list_unsubscribe_post", default: false)
        guard !links.isEmpty || acceptsPost else { return nil }
        do throws(ListUnsubscribe.Fault) {
            return try ListUnsubscribe(links: links, acceptsPost: acceptsPost)
        } catch {
            reader.report("list_unsubscribe", error.message)
            return nil
        }
    }
}
