internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Transfer

/// What a mail server's answer means: one table.
///
/// | answer | outcome |
/// |---|---|
/// | 2yz to the message | delivered (`sent`) |
/// | 5yz to AUTH; 530, 535 or 5.7.8 up to MAIL | the channel stops |
/// | any other to the connection, 421, x.3.2 | again later; the server is down |
/// | 4.3.1; 4.3.0 and 4.3.5 to anything but RCPT | again later; the server is down |
/// | 4yz; 5yz with an enhanced 4.y.z | again later, after 5 minutes for 4.7.1 (greylisting) |
/// | 5.2.2, mailbox full | again later |
/// | any other 5yz | permanent |
enum EmailResponse {
    /// How long greylisting wants a sender to wait.
    static let greylistingWait = Duration.seconds(300)

    static func outcome(of result: TransferResult) -> Outcome {
        switch result {
        case .mail(let reply): outcome(of: reply)
        case .failed(let failure): TransportOutcome.outcome(of: failure)
        case .http: TransportOutcome.wrongProtocol
        }
    }

    static func outcome(of reply: MailReply) -> Outcome {
        if reply.isAccepted { return .delivered(receipt(of: reply)) }
        let isTransient = !(500..<600).contains(reply.code) || reply.enhanced?.hasPrefix("4.") == true
        if refusesCredentials(reply) {
            return isTransient
                ? .retry(failure(FailureClass.transient, reply, meansDown: true), after: nil)
                : .stopChannel(failure(FailureClass.auth, reply))
        }
        if isDown(reply, isTransient: isTransient) {
            return .retry(failure(FailureClass.transient, reply, meansDown: true), after: nil)
        }
        if isTransient {
            let waits = hasDetail(reply, "7.1")
            return .retry(failure(FailureClass.transient, reply), after: waits ? greylistingWait : nil)
        }
        if hasDetail(reply, "2.2") { return .retry(failure(FailureClass.transient, reply), after: nil) }
        return .rejected(failure(FailureClass.permanent, reply), .permanent)
    }

    /// Only until the server has taken the sender. Behind that the same words are about one recipient or message, such
    /// as a relay's for foreign domains; to stop for them would let one mail stop all the others again and again.
    private static func refusesCredentials(_ reply: MailReply) -> Bool {
        switch reply.stage {
        case .auth: true
        case .greeting, .mail: reply.code == 530 || reply.code == 535 || hasDetail(reply, "7.8")
        case .recipient, .data, .body: false
        }
    }

    /// Whether the server would answer the same to any mail.
    ///
    /// Of the mail system's own codes (x.3.z of RFC 3463), 1 says that it is full, 2 that it takes nothing now, 5 that it
    /// is set up wrongly, 0 no more than that it is the system. 3 and 4 are about what one mail needs. To RCPT, 0 and 5
    /// are also what a failed look-up of one recipient, and some greylisting, says: none of these may stop all mail.
    private static func isDown(_ reply: MailReply, isTransient: Bool) -> Bool {
        if reply.stage == .greeting || reply.code == 421 || hasDetail(reply, "3.2") { return true }
        guard isTransient else { return false }
        if hasDetail(reply, "3.1") { return true }
        return reply.stage != .recipient && (hasDetail(reply, "3.0") || hasDetail(reply, "3.5"))
    }

    /// Whether the enhanced code ends in this subject and detail, whatever its class.
    private static func hasDetail(_ reply: MailReply, _ detail: String) -> Bool {
        reply.enhanced.map { $0.dropFirst(2) == detail } ?? false
    }

    private static func receipt(of reply: MailReply) -> Receipt {
        var receipt = Receipt(status: .sent, code: "smtp_\(reply.code)", detail: ["smtp_code": .integer(reply.code)])
        receipt.detail.set("smtp_enhanced", reply.enhanced.map { .text($0) })
        return receipt
    }

    /// The server's own text stays out: it often repeats the recipient's address.
    private static func failure(_ kind: String, _ reply: MailReply, meansDown: Bool = false) -> Failure {
        let code = [String(reply.code), reply.enhanced].compactMap { $0 }.joined(separator: " ")
        return Failure(
            class: kind, code: "smtp_\(reply.code)",
            message: "the mail server answered \(code) to \(command(reply.stage))", meansDown: meansDown)
    }

    private static func command(_ stage: MailReply.Stage) -> String {
        switch stage {
        case .greeting: "the connection"
        case .auth: "the credentials"
        case .mail: "the sender"
        case .recipient: "the recipient"
        case .data: "DATA"
        case .body: "the message"
        }
    }
}
