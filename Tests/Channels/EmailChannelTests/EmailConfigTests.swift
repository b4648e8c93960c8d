import Delivery
import Settings
import Testing
import Transfer

@testable import EmailChannel

struct EmailConfigTests {
    /// The configuration of a file and variables; throws the faults.
    private static func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> EmailConfig {
        let node = yaml.isEmpty ? nil : try YAMLNode.parse(yaml, file: "email.yaml")
        let reader = SettingsReader(file: "email.yaml", node: node, environment: environment)
        let config = EmailConfig(reading: reader)
        try reader.finish()
        return try #require(config)
    }

    @Test func needsOnlyAServerAndASender() throws {
        let config = try Self.read("", ["SMTP_HOST": "mail.example.com", "EMAIL_FROM": "Shop <shop@example.com>"])
        #expect(
            config.server
                == MailServer(host: "mail.example.com", port: 587, security: .starttls, clientName: "example.com"))
        #expect(config.from == Samples.mailbox("Shop <shop@example.com>"))
        #expect(config.replyTo == nil && config.listUnsubscribe == nil)
        #expect(config.timeout == .seconds(60))
        #expect(config.rate == nil && config.transfer.mailSessionsPerServer == 16)
    }

    @Test func readsEveryKey() throws {
        let config = try Self.read(
            """
            smtp: { host: mail, port: 2525, tls: off, username: u, password: p, ca_file: ca.pem,
                    client_name: client.example, timeout: 5s, connections: 8,
                    connect_timeout: 2s, rate: 10/s }
            email:
              from: shop@example.com
              reply_to: help@example.com
              list_unsubscribe: ["https://example.com/u/{id}"]
              list_unsubscribe_post: true
            """)
        #expect(
            config.server
                == MailServer(
                    host: "mail", port: 2525, security: .off, username: "u", password: "p", caFile: "ca.pem",
                    clientName: "client.example"))
        #expect(config.replyTo?.address.text == "help@example.com")
        #expect(try config.listUnsubscribe == ListUnsubscribe(links: ["https://example.com/u/{id}"], acceptsPost: true))
        #expect(config.timeout == .seconds(5))
        #expect(config.transfer.mailSessionsPerServer == 8 && config.transfer.connectTimeout == .seconds(2))
        #expect(config.rate == Destination.Rate(count: 10, per: .seconds(1)))
    }

    static let ports: [(tls: String, port: Int)] = [("starttls", 587), ("tls", 465), ("off", 25)]

    @Test(arguments: ports)
    func thePortFollowsTheEncryption(tls: String, port: Int) throws {
        let config = try Self.read("", ["SMTP_HOST": "m", "EMAIL_FROM": "a@b", "SMTP_TLS": tls])
        #expect(config.server.port == port)
    }

    static let hosts = [
        "mail", "mail.example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "::1", "a_b.example.com",
    ]

    @Test(arguments: hosts)
    func takesNamesAndAddresses(_ host: String) throws {
        let config = try Self.read("", ["SMTP_HOST": host, "EMAIL_FROM": "a@b"])
        #expect(config.server.host == host && config.server.isAddressable)
    }

    static let noHosts = [
        "mail.example.com:587", "192.0.2.1:25", "[2001:db8::1]:25", "[2001:db8::1", "2001:db8::1]", "[mail]", ":", "[]",
        "1::2::3", "smtp://mail", "a@b", "müll.example",
    ]

    /// No session could be opened, and every mail would be refused.
    @Test(arguments: noHosts)
    func refusesWhatNoSessionCanBeOpenedWith(_ host: String) {
        let error = #expect(throws: SettingsError.self) {
            try Self.read("smtp:\n  host: \"\(host)\"\nemail: { from: a@b }")
        }
        #expect(
            error?.faults.map(\.text) == [
                "email.yaml:2: smtp.host: must be a host name or an address; the port is a setting of its own, port"
            ])
    }

    static let faulty: [(yaml: String, faults: [String])] = [
        (
            "smtp: {}",
            [
                "email.yaml:1: email.from: missing; set email.from in the file or EMAIL_FROM in the environment",
                "email.yaml:1: smtp.host: missing; set smtp.host in the file or SMTP_HOST in the environment",
            ]
        ),
        (
            "smtp:\n  host: a b\n  username: u\nemail:\n  from: nobody\n  reply_to: jürgen@example.com",
            [
                "email.yaml:1: smtp.password: missing beside a user name",
                "email.yaml:2: smtp.host: must be a host name or an address; the port is a setting of its own, port",
                "email.yaml:5: email.from: must be an address such as shop@example.com or Shop <shop@example.com>",
                "email.yaml:6: email.reply_to: must be an address in ASCII; "
                    + "write a domain beyond it in its xn-- form",
            ]
        ),
        (
            "smtp: { host: m }\nemail:\n  from: a@b\n  list_unsubscribe: [\"http://x\"]\n  form: x",
            [
                "email.yaml:4: email.list_unsubscribe: a link must start with https:// or mailto:",
                "email.yaml:5: email.form: unknown key",
            ]
        ),
    ]

    @Test(arguments: faulty)
    func namesEveryFault(yaml: String, faults: [String]) {
        let error = #expect(throws: SettingsError.self) { try Self.read(yaml) }
        #expect(error?.faults.map(\.text) == faults)
    }
}
