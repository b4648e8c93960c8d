/// The mail transactions of one session, from the reply to EHLO on: bytes in, bytes and results out, no socket.
///
/// With PIPELINING, MAIL, RCPT and DATA go out together. After a refusal the transaction is reset.
struct SMTPDialogue {
    /// What some bytes of the server led to.
    struct Step: Equatable {
        /// The mail is over, with this reply.
        var reply: MailReply?
        /// The session cannot be used any more.
        var mustClose = false
    }

    /// What the next reply is about.
    private enum Expectation {
        case mail, recipient, data, body
        /// The end of an empty message, sent only because the server wanted one after a refusal.
        case emptyBody
        case reset
    }

    /// Bytes for the server. The owner takes them from the front and tells how many are left where it matters.
    var output: [UInt8] = []
    /// Whether a reply to the current mail has come.
    private(set) var hasAnswer = false

    private let capabilities: SMTPCapabilities
    private var reader = SMTPReplyReader()
    private var expected: [Expectation] = []
    private var mail: MailRequest?
    private var refusal: MailReply?

    init(_ capabilities: SMTPCapabilities) {
        self.capabilities = capabilities
    }

    /// Whether another mail may begin.
    var isReady: Bool { mail == nil && expected.isEmpty }

    /// Begins a mail; only when ready.
    ///
    /// - Throws: kind `unsupported` where the server cannot take this mail; the session stays ready.
    mutating func begin(_ request: MailRequest) throws(TransferFailure) {
        precondition(isReady, "one mail at a time")
        try check(request)
        mail = request
        refusal = nil
        hasAnswer = false
        writeMailCommand(request)
        guard capabilities.pipelining else {
            expected = [.mail]
            return
        }
        write("RCPT TO:<\(request.to)>\r\nDATA\r\n")
        expected = [.mail, .recipient, .data]
    }

    /// - Parameter unsent: how many bytes of `output` had not left yet when these came.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, unsent: Int) -> Step {
        var step = Step()
        reader.append(bytes)
        do throws(SMTPReplyReader.Malformed) {
            while !step.mustClose, let reply = try reader.next() { handle(reply, unsent: unsent, &step) }
        } catch {
            step.mustClose = true
        }
        return step
    }

    /// The failure of a mail whose session ended. Once the last byte of the message has left, the server may have
    /// taken it, whatever happened to its reply.
    func failure(_ kind: TransferFailure.Kind, unsent: Int, _ message: String) -> TransferFailure {
        TransferFailure(kind, requestSent: expected.first == .body && unsent == 0, message)
    }

    // MARK: - Replies

    private mutating func handle(_ reply: SMTPReply, unsent: Int, _ step: inout Step) {
        guard !expected.isEmpty else {
            // Nobody asked: the server says good-bye.
            step.mustClose = true
            return
        }
        let expectation = expected.removeFirst()
        hasAnswer = true
        if reply.code == 421 {
            step.mustClose = true
            if let stage = stage(of: expectation) { finish(refusal ?? reply.mailReply(at: stage), &step) }
            return
        }
        switch expectation {
        case .mail: advance(reply, .mail, &step)
        case .recipient: advance(reply, .recipient, &step)
        case .data: handleData(reply, &step)
        case .body:
            guard reply.isPositive || reply.isRefusal else { return breakOff(&step, .body) }
            // An answer before the whole message left: the rest would be taken for commands.
            step.mustClose = unsent > 0
            finish(reply.mailReply(at: .body), &step)
        case .emptyBody: if let refusal { finish(refusal, &step) }
        case .reset: step.mustClose = !reply.isPositive
        }
    }

    /// The reply to MAIL or RCPT.
    private mutating func advance(_ reply: SMTPReply, _ stage: MailReply.Stage, _ step: inout Step) {
        guard reply.isPositive || reply.isRefusal else { return breakOff(&step, Expectation.data) }
        if reply.isRefusal, refusal == nil { refusal = reply.mailReply(at: stage) }
        // The replies to what was sent along come first.
        guard expected.isEmpty else { return }
        if refusal != nil { return reset(&step) }
        if stage == .mail, let mail {
            write("RCPT TO:<\(mail.to)>\r\n")
            expected = [.recipient]
        } else {
            write("DATA\r\n")
            expected = [.data]
        }
    }

    private mutating func handleData(_ reply: SMTPReply, _ step: inout Step) {
        if reply.code == 354, let mail {
            // RFC 2920: a server that asks for the message although it refused the recipient gets an empty one.
            if refusal == nil { DotStuffing.append(mail.message, to: &output) } else { write(".\r\n") }
            expected = [refusal == nil ? .body : .emptyBody]
        } else if reply.isRefusal {
            refusal = refusal ?? reply.mailReply(at: .data)
            reset(&step)
        } else {
            breakOff(&step, .data)
        }
    }

    private mutating func reset(_ step: inout Step) {
        if let refusal { finish(refusal, &step) }
        write("RSET\r\n")
        expected = [.reset]
    }

    private mutating func finish(_ reply: MailReply, _ step: inout Step) {
        mail = nil
        step.reply = reply
    }

    /// A reply that makes no sense here. The expectation stays, so that `failure` still knows whether the message left.
    private mutating func breakOff(_ step: inout Step, _ expectation: Expectation) {
        expected.insert(expectation, at: 0)
        step.mustClose = true
    }

    private func stage(of expectation: Expectation) -> MailReply.Stage? {
        switch expectation {
        case .mail: .mail
        case .recipient: .recipient
        case .data: .data
        case .body, .emptyBody: .body
        case .reset: nil
        }
    }

    // MARK: - Commands

    private func check(_ request: MailRequest) throws(TransferFailure) {
        if request.needsUTF8, !capabilities.smtpUTF8 {
            throw TransferFailure(.unsupported, "an address is not ASCII, and the mail server does not offer SMTPUTF8")
        }
        if request.isEightBit, !capabilities.eightBitMIME {
            throw TransferFailure(.unsupported, "the message is not ASCII, and the mail server does not offer 8BITMIME")
        }
        if let limit = capabilities.sizeLimit, request.message.count > limit {
            throw TransferFailure(
                .unsupported, "the message has \(request.message.count) bytes, the mail server takes \(limit)")
        }
    }

    private mutating func writeMailCommand(_ request: MailRequest) {
        write("MAIL FROM:<\(request.from)>")
        if capabilities.size { write(" SIZE=\(request.message.count)") }
        if request.isEightBit { write(" BODY=8BITMIME") }
        if request.needsUTF8 { write(" SMTPUTF8") }
        write("\r\n")
    }

    private mutating func write(_ text: String) {
        output.append(contentsOf: text.utf8)
    }
}
