internal import Delivery
internal import Transfer

/// What the email channel needs to know.
struct EmailConfig: Sendable {
    var server: MailServer
    /// Sender of envelope and header; ASCII.
    var from: Mailbox
    var replyTo: Mailbox?
    var listUnsubscribe: ListUnsubscribe?
    /// Limit of one attempt, from the moment a session takes it.
    var timeout: Duration
    var transfer = TransferSettings()
    /// nil: no limit.
    var rate: Destination.Rate?
}
