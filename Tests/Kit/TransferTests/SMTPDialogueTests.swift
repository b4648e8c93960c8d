import Testing

@testable import Transfer

@Suite struct SMTPDialogueTests {
    static let server = MailServer(host: "mail.example.com", port: 25, security: .off)

    static func mail(_ to: String = "u@example.org", _ message: String = "S: 1\r\n\r\nHi\r\n") throws -> MailRequest {
        try MailRequest(
            server: server, from: "shop@example.com", to: to, message: Array(message.utf8), timeout: .seconds(1))
    }

    /// A dialogue as it is played: what the server says, piece by piece, and all that came of it.
    struct Play: Sendable, CustomTestStringConvertible {
        let name: String
        let extensions: [String]
        let server: [String]
        let expected: [String]
        var testDescription: String { name }

        init(_ name: String, _ extensions: [String], server: [String], _ expected: [String]) {
            self.name = name
            self.extensions = extensions
            self.server = server
            self.expected = expected
        }
    }

    static func capabilities(_ extensions: [String]) -> SMTPCapabilities {
        SMTPCapabilities(SMTPReply(code: 250, lines: ["mail.example.com"] + extensions))
    }

    /// `> x` is sent, `= x` is the result of the mail, `ready` and `close` are about the session.
    static func play(_ play: Play, byteByByte: Bool = false) throws -> [String] {
        var dialogue = SMTPDialogue(capabilities(play.extensions))
        var transcript: [String] = []
        try dialogue.begin(mail())
        let bytes = play.server.flatMap { piece in byteByByte ? piece.utf8.map { [$0] } : [Array(piece.utf8)] }
        for piece in [[]] + bytes {
            let step = piece.withUnsafeBytes { dialogue.receive($0, unsent: 0) }
            if let reply = step.reply {
                transcript.append("= \(reply.code) \(reply.enhanced ?? "-") \(reply.stage.rawValue): \(reply.text)")
            }
            for line in String(decoding: dialogue.output, as: UTF8.self).split(separator: "\r\n") {
                transcript.append("> \(line)")
            }
            dialogue.output.removeAll()
            if step.mustClose { return transcript + ["close" + (step.reply == nil ? " \(lost(dialogue))" : "")] }
        }
        return transcript + (dialogue.isReady ? ["ready"] : [])
    }

    private static func lost(_ dialogue: SMTPDialogue) -> String {
        dialogue.failure(.reset, unsent: 0, "").requestSent ? "ambiguous" : "safe"
    }

    private static let envelope = [
        "> MAIL FROM:<shop@example.com>", "> RCPT TO:<u@example.org>", "> DATA",
    ]
    private static let message = ["> S: 1", "> Hi", "> ."]
    private static let p = ["PIPELINING"]

    static let plays: [Play] = [
        Play(
            "accepted, pipelined", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "250 2.0.0 Ok: queued as 1\r\n"],
            envelope + message + ["= 250 2.0.0 body: Ok: queued as 1", "ready"]),
        Play(
            "accepted, one by one", [], server: ["250 a\r\n", "251 b\r\n", "354 c\r\n", "250 Ok\r\n"],
            envelope + message + ["= 250 - body: Ok", "ready"]),
        Play(
            "split reads", p, server: ["2", "50 a\r", "\n250 b\r\n35", "4 c\r\n250 ", "x", "\r\n"],
            envelope + message + ["= 250 - body: x", "ready"]),
        Play(
            "multi-line replies and bare line feeds", p,
            server: [
                "250-a\n250 b\n250-2.1.5 one\r\n250-2.1.5 two\r\n250 2.1.5 three\r\n354\r\n", "250-x\r\n250 y\r\n",
            ],
            envelope + message + ["= 250 - body: x y", "ready"]),
        Play(
            "sender refused, pipelined", p, server: ["550 5.7.1 no\r\n503 b\r\n503 c\r\n", "250 reset\r\n"],
            envelope + ["= 550 5.7.1 mail: no", "> RSET", "ready"]),
        Play(
            "sender refused, one by one", [], server: ["451 4.3.0 later\r\n", "250 reset\r\n"],
            [envelope[0], "= 451 4.3.0 mail: later", "> RSET", "ready"]),
        Play(
            "recipient refused, pipelined", p,
            server: ["250 a\r\n550-5.1.1 no such\r\n550 5.1.1 user\r\n554 c\r\n", "250 d\r\n"],
            envelope + ["= 550 5.1.1 recipient: no such user", "> RSET", "ready"]),
        Play(
            "recipient refused, the server wants a message all the same", p,
            server: ["250 a\r\n452 full\r\n354 c\r\n", "554 no valid recipients\r\n"],
            envelope + ["> .", "= 452 - recipient: full", "ready"]),
        Play(
            "recipient refused, one by one", [], server: ["250 a\r\n", "450 4.2.1 busy\r\n", "250 d\r\n"],
            envelope.prefix(2) + ["= 450 4.2.1 recipient: busy", "> RSET", "ready"]),
        Play(
            "DATA refused", [], server: ["250 a\r\n", "250 b\r\n", "554 5.5.1 no\r\n", "250 d\r\n"],
            envelope + ["= 554 5.5.1 data: no", "> RSET", "ready"]),
        Play(
            "message refused", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "554 5.6.0 spam\r\n"],
            envelope + message + ["= 554 5.6.0 body: spam", "ready"]),
        Play(
            "message deferred", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "451 4.7.1 greylisted\r\n"],
            envelope + message + ["= 451 4.7.1 body: greylisted", "ready"]),
        Play("421 at once", p, server: ["421 4.3.2 closing\r\n"], envelope + ["= 421 4.3.2 mail: closing", "close"]),
        Play(
            "421 to the recipient", p, server: ["250 a\r\n421 too many\r\n"],
            envelope + ["= 421 - recipient: too many", "close"]),
        Play(
            "421 to the message", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "421 4.3.0 bye\r\n"],
            envelope + message + ["= 421 4.3.0 body: bye", "close"]),
        Play(
            "421 after a refusal", p, server: ["250 a\r\n550 no\r\n421 bye\r\n"],
            envelope + ["= 550 - recipient: no", "close"]),
        Play(
            "421 to RSET", [], server: ["550 no\r\n", "421 bye\r\n"],
            [envelope[0], "= 550 - mail: no", "> RSET", "close safe"]),
        Play(
            "RSET refused", [], server: ["550 no\r\n", "500 what\r\n"],
            [envelope[0], "= 550 - mail: no", "> RSET", "close safe"]),
        Play("not SMTP", p, server: ["HTTP/1.1 400 Bad Request\r\n"], envelope + ["close safe"]),
        Play(
            "not SMTP where the answer should be", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "ok\r\n"],
            envelope + message + ["close ambiguous"]),
        Play("a code that makes no sense", p, server: ["250 a\r\n250 b\r\n250 c\r\n"], envelope + ["close safe"]),
        Play(
            "354 where the answer should be", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "354 d\r\n"],
            envelope + message + ["close ambiguous"]),
        Play("codes that change within a reply", p, server: ["250-a\r\n251 b\r\n"], envelope + ["close safe"]),
        Play(
            "a reply without end", p, server: [String(repeating: "250-x\r\n", count: 4_000)], envelope + ["close safe"]),
        Play("a line without end", p, server: [String(repeating: "2", count: 20_000)], envelope + ["close safe"]),
        Play(
            "good-bye while idle", p, server: ["250 a\r\n250 b\r\n354 c\r\n", "250 d\r\n", "421 idle\r\n"],
            envelope + message + ["= 250 - body: d", "close safe"]),
    ]

    @Test(arguments: plays) func playsToTheEnd(play: Play) throws {
        #expect(try Self.play(play) == play.expected)
        #expect(try Self.play(play, byteByByte: true) == play.expected)
    }

    @Test func theMessageIsAmbiguousOnceItsLastByteLeft() throws {
        var dialogue = SMTPDialogue(Self.capabilities(Self.p))
        try dialogue.begin(Self.mail())
        let before = dialogue.failure(.timeout, unsent: 0, "").requestSent
        _ = Array("250 a\r\n250 b\r\n354 c\r\n".utf8).withUnsafeBytes { dialogue.receive($0, unsent: 0) }
        let partly = dialogue.failure(.timeout, unsent: 1, "").requestSent
        let wholly = dialogue.failure(.timeout, unsent: 0, "").requestSent
        #expect([before, partly, wholly] == [false, false, true])
        // An answer before the end: what is still to be sent would be read as commands.
        let early = Array("552 5.3.4 too big\r\n".utf8).withUnsafeBytes { dialogue.receive($0, unsent: 10) }
        #expect(
            early
                == SMTPDialogue.Step(
                    reply: MailReply(code: 552, enhanced: "5.3.4", text: "too big", stage: .body), mustClose: true))
    }

    static let parameters: [(extensions: [String], to: String, message: String, expected: String)] = [
        ([], "u@example.org", "a\r\n", "MAIL FROM:<shop@example.com>"),
        (["SIZE", "8BITMIME", "SMTPUTF8"], "u@example.org", "a\r\n", "MAIL FROM:<shop@example.com> SIZE=3"),
        (["size 1000", "8bitmime"], "u@example.org", "é\r\n", "MAIL FROM:<shop@example.com> SIZE=4 BODY=8BITMIME"),
        (["SMTPUTF8", "8BITMIME"], "ü@example.org", "a\r\n", "MAIL FROM:<shop@example.com> SMTPUTF8"),
        (
            ["8BITMIME"], "ü@example.org", "a\r\n",
            "an address is not ASCII, and the mail server does not offer SMTPUTF8"
        ),
        ([], "u@example.org", "é\r\n", "the message is not ASCII, and the mail server does not offer 8BITMIME"),
        (["SIZE 5"], "u@example.org", "123456\r\n", "the message has 8 bytes, the mail server takes 5"),
        (["SIZE 0"], "u@example.org", "123456\r\n", "MAIL FROM:<shop@example.com> SIZE=8"),
    ]

    @Test(arguments: parameters) func usesExtensionsWhereNeeded(
        row: (extensions: [String], to: String, message: String, expected: String)
    ) throws {
        var dialogue = SMTPDialogue(Self.capabilities(row.extensions))
        do {
            try dialogue.begin(Self.mail(row.to, row.message))
            #expect(String(decoding: dialogue.output, as: UTF8.self) == row.expected + "\r\n")
        } catch {
            #expect((error as? TransferFailure) == TransferFailure(.unsupported, row.expected))
            #expect(dialogue.isReady && dialogue.output.isEmpty)
        }
    }

    static let stuffed: [(message: String, expected: String)] = [
        ("", ".\r\n"), ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"), (".", "..\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"),
        ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"), ("a.b\r\n..c\r\n", "a.b\r\n...c\r\n.\r\n"),
        ("a\r\n.b\r\n.c\r\n", "a\r\n..b\r\n..c\r\n.\r\n"), ("\r\n.", "\r\n..\r\n.\r\n"),
        ("a\r\n\r\n", "a\r\n\r\n.\r\n"),
    ]

    @Test(arguments: stuffed) func stuffsDots(row: (message: String, expected: String)) {
        var output: [UInt8] = []
        DotStuffing.append(Array(row.message.utf8), to: &output)
        #expect(String(decoding: output, as: UTF8.self) == row.expected)
    }

    static let hostile: [String] = [
        "", "user", "@example.org", "user@", "u@example.org\r\nRCPT TO:<x@example.org>", "u@exam ple.org",
        "u@example.org>", "<u@example.org", "u@example.org\0", "u@example.org\n", "u@example.org\r", "a\tb@example.org",
        "u@example.org> SIZE=1", "u\u{85}@example.org", "u\u{2028}@example.org", "u\u{A0}@example.org",
        "u\u{FFFD}@example.org",
        String(repeating: "u", count: 250) + "@example.org",
    ]

    @Test(arguments: hostile) func refusesAddressesThatAreMore(address: String) {
        let failure = #expect(throws: TransferFailure.self) { try Self.mail(address) }
        #expect(failure?.kind == .invalid)
    }

    static let smuggled: [String] = [
        "a\n.\r\nMAIL", "a\r\n.\nMAIL", "a\rb\r\n", "a\r\r\n", "a\n", "a\r", "\n", "a\n\r\n", "a\r\nb\n\r",
    ]

    @Test(arguments: smuggled) func refusesLoneLineEnds(message: String) {
        let failure = #expect(throws: TransferFailure.self) { try Self.mail("u@example.org", message) }
        #expect(failure?.kind == .invalid)
    }

    static let enhancedCodes: [(line: String, enhanced: String?, text: String)] = [
        ("5.1.1 no such user", "5.1.1", "no such user"), ("2.0.0", "2.0.0", ""), ("4.123.456  x", "4.123.456", "x"),
        ("", nil, ""), ("Ok", nil, "Ok"), ("5.1 x", nil, "5.1 x"), ("3.1.1 x", nil, "3.1.1 x"),
        ("5.1.1x", nil, "5.1.1x"), ("5.1234.1 x", nil, "5.1234.1 x"), ("5..1 x", nil, "5..1 x"),
        ("10.0.0.1 x", nil, "10.0.0.1 x"), ("5.1.1.1 x", nil, "5.1.1.1 x"), ("55.1.1 x", nil, "55.1.1 x"),
    ]

    @Test(arguments: enhancedCodes) func readsEnhancedCodes(row: (line: String, enhanced: String?, text: String)) {
        let reply = SMTPReply(code: 550, lines: [row.line]).mailReply(at: .recipient)
        #expect(reply == MailReply(code: 550, enhanced: row.enhanced, text: row.text, stage: .recipient))
    }
}
