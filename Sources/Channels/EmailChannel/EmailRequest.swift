internal import Delivery
internal import Notifications
internal import Time
internal import Transfer

/// Turns a notification into a mail: pure.
struct EmailRequest: Sendable {
    private let config: EmailConfig
    /// The fields that are the same in every mail.
    private let from: HeaderField
    private let replyTo: HeaderField?
    /// The sender's, which makes an id one of the world's.
    private let domain: String
    private let autoSubmitted = HeaderField("Auto-Submitted", constant: "auto-generated")

    init(_ config: EmailConfig) {
        self.config = config
        from = HeaderField("From", mailbox: config.from)
        domain = config.from.address.domain
        replyTo = config.replyTo.map { HeaderField("Reply-To", mailbox: $0) }
    }

    func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        guard case .email(let address, let name) = notification.recipient,
            case .email(let subject, let text, let html) = notification.content
        else { throw Self.refusal("wrong_channel", "the notification is not an email") }
        guard let recipient = MailAddress(address) else {
            throw Self.refusal("bad_address", "recipient.email is not an address that can be written to")
        }
        guard let mailbox = Mailbox(address: recipient, name: name) else {
            throw Self.refusal("bad_name", "recipient.name holds a line break or another control character")
        }
        guard let subjectField = HeaderField("Subject", text: subject) else {
            throw Self.refusal("bad_subject", "content.subject holds a line break or another control character")
        }
        guard let messageID = HeaderField(messageID: notification.id, domain: domain) else {
            throw Self.refusal("bad_id", "the id cannot stand in a header")
        }
        var fields = [HeaderField(date: attempt.at), from]
        if let replyTo { fields.append(replyTo) }
        fields.append(HeaderField("To", mailbox: mailbox))
        if !subject.isEmpty { fields.append(subjectField) }
        fields.append(messageID)
        if let unsubscribe = config.listUnsubscribe {
            fields.append(contentsOf: unsubscribe.fields(for: notification))
        }
        fields.append(autoSubmitted)
        let message = MIMEMessage(fields: fields, text: text, html: html, identifier: notification.id)
        return try mail(to: recipient, message.serialized(), notAfter: notification.expiresAt)
    }

    private func mail(
        to recipient: MailAddress, _ message: [UInt8], notAfter: UnixTime?
    ) throws(Refusal) -> TransferRequest {
        do throws(TransferFailure) {
            return .mail(
                try MailRequest(
                    server: config.server, from: config.from.address.text, to: recipient.text, message: message,
                    timeout: config.timeout, notAfter: notAfter))
        } catch {
            throw Self.refusal(error.code, error.message)
        }
    }

    private static func refusal(_ code: String, _ message: String) -> Refusal {
        Refusal(deadLetter: .permanent, code: code, message: message)
    }
}
