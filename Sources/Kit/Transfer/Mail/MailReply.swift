/// The mail server's last word on one mail.
package struct MailReply: Sendable, Equatable {
    /// The command that was answered.
    package enum Stage: String, Sendable, CaseIterable {
        /// The greeting or EHLO: no mail was named yet.
        case greeting
        /// AUTH.
        case auth
        /// MAIL FROM.
        case mail
        /// RCPT TO.
        case recipient
        /// DATA.
        case data
        /// The end of the message: a 250 here means accepted.
        case body
    }

    /// Three digits; 250 at stage `body` is success.
    package let code: Int
    /// The enhanced code of RFC 3463, for example `5.1.1`, where the server gives one.
    package let enhanced: String?
    /// The text of the reply's lines, without codes, at most 512 characters. It may name the recipient: not for logs.
    package let text: String
    package let stage: Stage

    package init(code: Int, enhanced: String? = nil, text: String = "", stage: Stage) {
        self.code = code
        self.enhanced = enhanced
        self.text = text
        self.stage = stage
    }

    /// The server took responsibility for the mail.
    package var isAccepted: Bool { stage == .body && (200..<300).contains(code) }
}
