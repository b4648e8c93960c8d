import Delivery
import Notifications
import Time
import Transfer

@testable import EmailChannel

/// Values that several tests of this channel start from.
enum Samples {
    static func mailbox(_ text: String) -> Mailbox {
        guard let mailbox = Mailbox(configured: text) else { preconditionFailure("not a mailbox: \(text)") }
        return mailbox
    }

    static func config(from: String = "Shop <shop@Example.com>", replyTo: String? = nil) -> EmailConfig {
        EmailConfig(
            server: MailServer(host: "127.0.0.1", port: 25, security: .off), from: mailbox(from),
            replyTo: replyTo.map(mailbox), listUnsubscribe: nil, timeout: .seconds(60))
    }

    static func notification(
        to address: String = "a@example.com", name: String? = nil, subject: String = "Hello", text: String = "Hi",
        html: String? = nil, userID: String? = "u 1/ä", expiresAt: UnixTime? = nil
    ) -> Notification {
        Notification(
            id: "3f0c1f5e-0000-5000-8000-000000000001", channel: .email,
            event: .init(id: "e1", type: "order.created", source: "order.events"), userID: userID,
            recipient: .email(address: address, name: name),
            content: .email(subject: subject, text: text, html: html), expiresAt: expiresAt)
    }

    /// Saturday, 21 November 2026, 03:00 UTC.
    static let attempt = Attempt(number: 1, at: UnixTime(milliseconds: 1_795_230_000_000))

    /// The bytes of the mail that a notification becomes.
    static func message(of notification: Notification, _ config: EmailConfig = config()) throws -> String {
        guard case .mail(let mail) = try EmailRequest(config).request(for: notification, attempt: attempt) else {
            return ""
        }
        return String(decoding: mail.message, as: UTF8.self)
    }
}
