import Delivery
import Notifications
import Testing
import Transfer

@testable import EmailChannel

struct EmailResponseTests {
    /// What an outcome comes to, without its texts.
    enum Kind: Equatable {
        case sent, retry, retryDown, greylisted, permanent, stop
    }

    static let replies: [(code: Int, enhanced: String?, stage: MailReply.Stage, kind: Kind)] = [
        (250, "2.0.0", .body, .sent), (250, nil, .body, .sent), (252, nil, .body, .sent),
        (250, nil, .recipient, .retry), (354, nil, .data, .retry),
        (421, "4.3.2", .greeting, .retryDown), (554, "5.3.2", .greeting, .retryDown), (554, nil, .greeting, .retryDown),
        (421, nil, .mail, .retryDown), (421, "4.7.0", .body, .retryDown), (450, "4.3.2", .data, .retryDown),
        (535, "5.7.8", .auth, .stop), (534, "5.7.9", .auth, .stop), (538, nil, .auth, .stop), (504, nil, .auth, .stop),
        (530, "5.7.0", .mail, .stop), (535, nil, .mail, .stop), (550, "5.7.8", .mail, .stop),
        (530, "5.7.0", .greeting, .stop),
        // A sender that was let in may still be refused one recipient so: that one, not the channel.
        (550, "5.7.8", .recipient, .permanent), (530, "5.7.1", .recipient, .permanent),
        (535, nil, .recipient, .permanent), (530, nil, .data, .permanent), (550, "5.7.8", .body, .permanent),
        (450, "4.7.8", .recipient, .retry), (454, "4.7.8", .mail, .retryDown),
        (454, "4.7.0", .auth, .retryDown), (432, "4.7.12", .auth, .retryDown),
        // A system that is full or wrongly set up takes no mail at all.
        (452, "4.3.1", .mail, .retryDown), (452, "4.3.1", .recipient, .retryDown), (452, "4.3.1", .body, .retryDown),
        (451, "4.3.0", .mail, .retryDown), (451, "4.3.0", .data, .retryDown), (451, "4.3.0", .body, .retryDown),
        (451, "4.3.5", .mail, .retryDown), (451, "4.3.5", .body, .retryDown), (554, "4.3.1", .body, .retryDown),
        // These are about the recipient, or about the mail, or final.
        (451, "4.3.0", .recipient, .retry), (451, "4.3.5", .recipient, .retry), (451, "4.3.3", .mail, .retry),
        (452, "4.3.4", .mail, .retry), (452, "4.3.4", .body, .retry), (554, "5.3.0", .body, .permanent),
        (552, "5.3.1", .body, .permanent), (554, "5.3.5", .mail, .permanent), (451, "4.1.8", .mail, .retry),
        (450, "4.1.1", .recipient, .retry), (452, "4.2.2", .body, .retry), (451, nil, .body, .retry),
        // Greylisting, in the codes that are in use.
        (450, "4.2.0", .recipient, .retry), (451, "4.7.1", .recipient, .greylisted),
        (450, nil, .recipient, .retry), (452, "4.2.2", .recipient, .retry),
        (452, "4.5.3", .recipient, .retry), (450, "4.7.1", .recipient, .greylisted), (451, "4.7.1", .data, .greylisted),
        (550, "4.2.1", .recipient, .retry), (552, "5.2.2", .recipient, .retry), (552, "5.2.2", .body, .retry),
        (550, "5.1.1", .recipient, .permanent), (550, "5.1.2", .recipient, .permanent),
        (550, "5.2.1", .recipient, .permanent), (553, "5.1.3", .recipient, .permanent), (550, nil, .mail, .permanent),
        (550, "5.7.1", .recipient, .permanent), (550, "5.7.26", .body, .permanent), (552, "5.3.4", .mail, .permanent),
        (552, nil, .body, .permanent), (554, nil, .body, .permanent), (501, nil, .recipient, .permanent),
        (503, nil, .data, .permanent), (450, "5.1.1", .recipient, .retry),
    ]

    @Test(arguments: replies)
    func classifies(code: Int, enhanced: String?, stage: MailReply.Stage, kind: Kind) {
        let reply = MailReply(code: code, enhanced: enhanced, text: "secret@example.com", stage: stage)
        let outcome = EmailResponse.outcome(of: .mail(reply))
        #expect(outcome == Self.outcome(kind, reply))
    }

    private static func outcome(_ kind: Kind, _ reply: MailReply) -> Outcome {
        let words: [MailReply.Stage: String] = [
            .greeting: "the connection", .auth: "the credentials", .mail: "the sender", .recipient: "the recipient",
            .data: "DATA", .body: "the message",
        ]
        let codes = reply.enhanced.map { "\(reply.code) \($0)" } ?? "\(reply.code)"
        func failure(_ kind: String, meansDown: Bool = false) -> Failure {
            Failure(
                class: kind, code: "smtp_\(reply.code)",
                message: "the mail server answered \(codes) to \(words[reply.stage] ?? "")", meansDown: meansDown)
        }
        switch kind {
        case .sent:
            var receipt = Receipt(
                status: .sent, code: "smtp_\(reply.code)", detail: ["smtp_code": .integer(reply.code)])
            receipt.detail.set("smtp_enhanced", reply.enhanced.map { .text($0) })
            return .delivered(receipt)
        case .retry: return .retry(failure("transient"), after: nil)
        case .retryDown: return .retry(failure("transient", meansDown: true), after: nil)
        case .greylisted: return .retry(failure("transient"), after: .seconds(300))
        case .permanent: return .rejected(failure("permanent"), .permanent)
        case .stop: return .stopChannel(failure("auth"))
        }
    }

    @Test func aLostAnswerToTheMessageIsAmbiguous() {
        let lost = TransferFailure(.reset, requestSent: true, "the connection ended")
        let expected = Failure(class: "transient", code: "reset", message: "the connection ended", meansDown: true)
        #expect(EmailResponse.outcome(of: .failed(lost)) == .ambiguous(expected))
    }
}
