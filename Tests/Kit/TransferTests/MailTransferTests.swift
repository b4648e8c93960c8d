import Glibc
import Synchronization
import TestKit
import Testing
import Time

@testable import Transfer

@Suite struct MailTransferTests {
    /// A server's side of sessions: greets, offers what it is told to, takes mails, and does what `onMessage` says
    /// when one is complete.
    static func serve(
        _ connection: StubConnection, offers: [String] = ["PIPELINING"],
        onCommand: (String) -> String? = { _ in nil }, onMessage: (Int) -> Bool = { _ in true }
    ) {
        var mails = 0
        connection.write("220 stub ESMTP\r\n")
        while let line = connection.readLine() {
            if let answer = onCommand(line) {
                connection.write(answer)
            } else if line.hasPrefix("EHLO") {
                let lines = ["stub"] + offers
                for (index, offer) in lines.enumerated() {
                    connection.write("250\(index == lines.count - 1 ? " " : "-")\(offer)\r\n")
                }
            } else if line == "DATA" {
                connection.write("354 go\r\n")
                while let part = connection.readLine(), part != "." {}
                mails += 1
                guard onMessage(mails) else { return }
                connection.write("250 2.0.0 queued\r\n")
            } else if line == "QUIT" {
                connection.write("221 bye\r\n")
                return
            } else {
                connection.write("250 ok\r\n")
            }
        }
    }

    static func address(_ stub: StubServer, user: String? = nil, security: MailServer.Security = .off) -> MailServer {
        MailServer(
            host: "127.0.0.1", port: stub.port, security: security, username: user,
            password: user.map { _ in "secret" },
            clientName: "client.example.com")
    }

    @Test func sendsMailsOverKeptSessions() async throws {
        let commands = Mutex<[String]>([])
        let stub = StubServer { connection in
            Self.serve(connection, offers: ["PIPELINING", "SIZE 1000"]) { line in
                commands.withLock { $0.append(line) }
                return line.contains("<refused@") ? "550 5.1.1 nobody\r\n" : nil
            }
        }
        defer { stub.stop() }
        let client = try Client()
        let server = Self.address(stub)
        var summaries: [String] = []
        for to in ["a@example.org", "refused@example.org", "b@example.org"] {
            summaries.append(try await client.mail(server, to: to).summary)
        }
        let tooBig = try await client.mail(server, message: String(repeating: "x", count: 2_000) + "\r\n")
        summaries.append(tooBig.summary)
        client.thread.stop()
        #expect(summaries == ["250 body", "550 recipient", "250 body", "unsupported"])
        #expect(stub.connectionCount == 1)
        stub.stop()
        #expect(
            commands.withLock { $0 } == [
                "EHLO client.example.com",
                "MAIL FROM:<shop@example.com> SIZE=22", "RCPT TO:<a@example.org>", "DATA",
                "MAIL FROM:<shop@example.com> SIZE=22", "RCPT TO:<refused@example.org>", "DATA",
                "MAIL FROM:<shop@example.com> SIZE=22", "RCPT TO:<b@example.org>", "DATA", "QUIT",
            ])
    }

    /// What a server does to a session that is being opened, and what comes of the mail.
    struct Opening: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: String
        let user: String?
        let security: MailServer.Security
        let serve: @Sendable (StubConnection) -> Void
        var testDescription: String { name }

        init(
            _ name: String, _ expected: String, user: String? = nil, security: MailServer.Security = .off,
            _ serve: @escaping @Sendable (StubConnection) -> Void
        ) {
            self.name = name
            self.expected = expected
            self.user = user
            self.security = security
            self.serve = serve
        }
    }

    static let openings: [Opening] = [
        Opening("greets with 421", "421 greeting") { $0.write("421 4.3.2 too many connections\r\n") },
        Opening("greets with 554", "554 greeting") { $0.write("554 5.7.1 go away\r\n") },
        Opening("refuses EHLO and HELO", "502 greeting") {
            $0.write("220 stub\r\n")
            while $0.readLine() != nil { $0.write("502 no\r\n") }
        },
        Opening("only HELO", "250 body") { serve($0, onCommand: { $0.hasPrefix("EHLO") ? "502 no\r\n" : nil }) },
        Opening("closes before the greeting", "reset") { $0.close() },
        Opening("is no mail server", "reset") { $0.write("HTTP/1.1 400 Bad Request\r\n\r\n") },
        Opening("never greets", "connect") { $0.drain() },
        Opening("never answers EHLO", "connect") {
            $0.write("220 stub\r\n")
            $0.drain()
        },
        Opening("offers no STARTTLS", "tls", security: .starttls) { serve($0) },
        Opening("refuses STARTTLS", "tls", security: .starttls) {
            serve($0, offers: ["STARTTLS"], onCommand: { $0 == "STARTTLS" ? "454 4.7.0 no\r\n" : nil })
        },
        Opening("speaks no TLS", "tls", security: .tls) { serve($0) },
        Opening("offers no AUTH", "504 auth", user: "me") { serve($0) },
        Opening("offers no AUTH that we know", "504 auth", user: "me") { serve($0, offers: ["AUTH GSSAPI NTLM"]) },
        Opening("refuses the password", "535 auth", user: "me") {
            serve($0, offers: ["AUTH PLAIN"], onCommand: { $0.hasPrefix("AUTH") ? "535 5.7.8 no\r\n" : nil })
        },
        Opening("cannot check the password now", "454 auth", user: "me") {
            serve($0, offers: ["AUTH PLAIN"], onCommand: { $0.hasPrefix("AUTH") ? "454 4.7.0 later\r\n" : nil })
        },
        Opening("takes the password", "250 body", user: "me") {
            // NUL me NUL secret
            serve(
                $0, offers: ["AUTH PLAIN LOGIN", "PIPELINING"],
                onCommand: {
                    if $0.hasPrefix("AUTH") { return $0 == "AUTH PLAIN" ? "334 \r\n" : "504 no\r\n" }
                    return $0 == "AG1lAHNlY3JldA==" ? "235 2.7.0 yes\r\n" : nil
                })
        },
    ]

    @Test(arguments: openings) func judgesHowSessionsOpen(row: Opening) async throws {
        let stub = StubServer(row.serve)
        defer { stub.stop() }
        let client = try Client { $0.connectTimeout = row.expected == "connect" ? .milliseconds(300) : .seconds(20) }
        defer { client.thread.stop() }
        let result = try await client.mail(
            Self.address(stub, user: row.user, security: row.security), timeout: .seconds(20))
        #expect(result.summary == row.expected, "\(result)")
        if case .failed(let failure) = result { #expect(!failure.message.contains("secret")) }
    }

    @Test func lostAnswersAreAmbiguous() async throws {
        let stub = StubServer { connection in Self.serve(connection, onMessage: { _ in false }) }
        defer { stub.stop() }
        let silent = StubServer { connection in
            Self.serve(
                connection,
                onMessage: { _ in
                    connection.drain()
                    return false
                })
        }
        defer { silent.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        #expect(try await client.mail(Self.address(stub)).summary == "reset sent")
        let late = try await client.mail(Self.address(silent), timeout: .milliseconds(300))
        #expect(late.summary == "timeout sent")
        // An answer that never ends keeps nobody longer than silence does.
        let loris = StubServer { connection in
            Self.serve(
                connection,
                onMessage: { _ in
                    while connection.write("250-\r\n") { usleep(5_000) }
                    return false
                })
        }
        defer { loris.stop() }
        let trickled = try await client.mail(Self.address(loris), timeout: .milliseconds(300))
        #expect(trickled.summary == "timeout sent")
    }

    /// A server may close a kept session whenever it likes; the next mail must not suffer.
    @Test func movesToAnotherSessionWhenAKeptOneWasClosed() async throws {
        let mails = Mutex(0)
        let stub = StubServer { connection in
            Self.serve(
                connection,
                onCommand: { line in
                    let isSecond =
                        line.hasPrefix("MAIL")
                        && mails.withLock {
                            $0 += 1; return $0 == 2
                        }
                    if isSecond { connection.reset() }
                    return nil
                })
        }
        defer { stub.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let first = try await client.mail(Self.address(stub), to: "first@example.org").summary
        let second = try await client.mail(Self.address(stub), to: "second@example.org").summary
        #expect([first, second] == ["250 body", "250 body"])
        #expect(stub.connectionCount == 2)
    }

    @Test func slowServersDelayNobody() async throws {
        let mute = StubServer { $0.drain() }
        let slow = StubServer { connection in
            Self.serve(
                connection,
                onMessage: { _ in
                    connection.drain()
                    return false
                })
        }
        let good = StubServer { Self.serve($0) }
        defer { for stub in [mute, slow, good] { stub.stop() } }
        let client = try Client { $0.connectTimeout = .seconds(60) }
        async let stuck = withThrowingTaskGroup(of: String.self) { group in
            for stub in [mute, slow] {
                for _ in 0..<20 {
                    group.addTask { try await client.mail(Self.address(stub), timeout: .seconds(60)).summary }
                }
            }
            return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        while mute.connectionCount < 1 || slow.connectionCount < 16 { await Task.yield() }
        for _ in 0..<50 { #expect(try await client.mail(Self.address(good)).summary == "250 body") }
        #expect(good.connectionCount == 1)
        client.thread.stop()
        let counts = try await stuck
        // The 16 messages that left are ambiguous; those that wait for a session were never sent.
        #expect(counts["cancelled sent", default: 0] <= 16 && counts.values.reduce(0, +) == 40)
        #expect(Set(counts.keys).isSubset(of: ["cancelled sent", "cancelled"]))
        #expect([mute.connectionCount, slow.connectionCount] == [1, 16])
    }

    /// One session works, the server refuses more: mails wait for the one, none fails.
    @Test func makesDoWithTheSessionsItGets() async throws {
        let stub = StubServer { connection in
            guard connection.number == 1 else {
                connection.write("421 4.7.0 one is enough\r\n")
                return
            }
            Self.serve(connection)
        }
        defer { stub.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let server = Self.address(stub)
        #expect(try await client.mail(server).summary == "250 body")
        let results = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<30 { group.addTask { try await client.mail(server).summary } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(results == ["250 body"])
    }

    /// The time of a mail is its own: those that went before it do not use it up.
    @Test func waitingForASessionCostsAMailNoTime() async throws {
        let stub = StubServer { connection in
            Self.serve(
                connection,
                onMessage: { _ in
                    usleep(400_000)
                    return true
                })
        }
        defer { stub.stop() }
        let client = try Client { $0.mailSessionsPerServer = 1 }
        defer { client.thread.stop() }
        let request = try MailRequest(
            server: Self.address(stub), from: "", to: "user@example.org", message: [], timeout: .seconds(1))
        let results = await client.run(Array(repeating: .mail(request), count: 5))
        #expect(results.map(\.result.summary) == Array(repeating: "250 body", count: 5))
        #expect(stub.connectionCount == 1)
    }

    /// One session, which is busy until after the second mail's time: that one is not sent, and the third is.
    @Test func aMailThatExpiresInTheLineIsNotSent() async throws {
        let taken = Mutex<[String]>([])
        let stub = StubServer { connection in
            Self.serve(
                connection,
                onCommand: { line in
                    if line.hasPrefix("RCPT") { taken.withLock { $0.append(line) } }
                    return nil
                },
                onMessage: { _ in
                    usleep(600_000)
                    return true
                })
        }
        defer { stub.stop() }
        let client = try Client { $0.mailSessionsPerServer = 1 }
        defer { client.thread.stop() }
        let server = Self.address(stub)
        let limits = [nil, UnixTime.now().adding(.milliseconds(200)), UnixTime.now().adding(.seconds(60))]
        let requests = try limits.enumerated().map { number, limit in
            TransferRequest.mail(
                try MailRequest(
                    server: server, from: "", to: "user\(number)@example.org", message: [], timeout: .seconds(5),
                    notAfter: limit))
        }
        let results = await client.run(requests)
        #expect(results.map(\.result.summary) == ["expired", "250 body", "250 body"])
        #expect(taken.withLock { $0 } == [0, 2].map { "RCPT TO:<user\($0)@example.org>" })
    }

    /// For what expired before it came here nobody is connected to.
    @Test func aMailThatIsTooLateOpensNoSession() async throws {
        let stub = StubServer { Self.serve($0) }
        defer { stub.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let request = try MailRequest(
            server: Self.address(stub), from: "", to: "user@example.org", message: [], timeout: .seconds(5),
            notAfter: .now())
        #expect(await client.run([.mail(request)]).map(\.result.summary) == ["expired"])
        #expect(stub.connectionCount == 0)
    }

    /// A server that keeps every session and does nothing for it: what waits for one has an end.
    @Test func mailsDoNotWaitForEverForAStuckSession() async throws {
        let stub = StubServer { connection in
            Self.serve(
                connection, offers: [],
                onCommand: { line in
                    if line == "RSET" { connection.drain() }
                    return line.hasPrefix("RCPT") ? "550 5.1.1 nobody\r\n" : nil
                })
        }
        defer { stub.stop() }
        let client = try Client {
            $0.mailSessionsPerServer = 1
            $0.connectTimeout = .milliseconds(500)
        }
        defer { client.thread.stop() }
        let request = try MailRequest(
            server: Self.address(stub), from: "", to: "user@example.org", message: [], timeout: .milliseconds(300))
        let results = await client.run(Array(repeating: .mail(request), count: 3))
        #expect(results.map(\.result.summary) == ["550 recipient", "timeout", "timeout"])
        #expect(results.dropFirst().allSatisfy { $0.duration >= .milliseconds(800) })
    }

    @Test func aServerWithoutANameIsInvalid() async throws {
        let client = try Client()
        defer { client.thread.stop() }
        let servers = [
            MailServer(host: "a b", port: 25, security: .off), MailServer(host: "", port: 25, security: .off),
            MailServer(host: "127.0.0.1", port: 0, security: .off),
            MailServer(host: "127.0.0.1", port: 25, security: .off, clientName: "a/b"),
        ]
        for server in servers { #expect(try await client.mail(server).summary == "other") }
    }

    @Test func aWrongPasswordIsTriedOnce() async throws {
        let stub = StubServer { connection in
            Self.serve(
                connection, offers: ["AUTH PLAIN"], onCommand: { $0.hasPrefix("AUTH") ? "535 5.7.8 no\r\n" : nil })
        }
        defer { stub.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let request = try MailRequest(
            server: Self.address(stub, user: "me"), from: "", to: "user@example.org", message: [], timeout: .seconds(20)
        )
        let summaries = await client.run(Array(repeating: .mail(request), count: 30)).map(\.result.summary)
        #expect(summaries == Array(repeating: "535 auth", count: 30))
        #expect(stub.connectionCount == 1)
    }

    @Test func sessionsEndAfterTheirMailsAndWhenIdle() async throws {
        let quits = Mutex(0)
        let stub = StubServer { connection in
            Self.serve(
                connection,
                onCommand: {
                    if $0 == "QUIT" { quits.withLock { $0 += 1 } }
                    return nil
                })
        }
        defer { stub.stop() }
        let client = try Client {
            $0.mailsPerSession = 2
            $0.mailSessionIdleLimit = .milliseconds(50)
        }
        defer { client.thread.stop() }
        let server = Self.address(stub)
        // One batch, so that no session is idle between two mails.
        let request = try MailRequest(
            server: server, from: "", to: "user@example.org", message: [], timeout: .seconds(20))
        let results = await client.run(Array(repeating: .mail(request), count: 2))
        #expect(results.map(\.result.summary) == ["250 body", "250 body"])
        #expect(try await client.mail(server).summary == "250 body")
        while quits.withLock({ $0 }) < stub.connectionCount { await Task.yield() }
    }

    /// The limit for opening a session is not one for its mails, and a session that waits for an answer survives the
    /// opening of others: libcurl closes what it takes for idle connections, once a second.
    @Test func slowAnswersOutliveTheConnectLimitAndOtherSessions() async throws {
        let slow = StubServer { connection in
            Self.serve(
                connection,
                onMessage: { _ in
                    usleep(1_300_000)
                    return true
                })
        }
        let good = StubServer { Self.serve($0) }
        defer { for stub in [slow, good] { stub.stop() } }
        let client = try Client { $0.connectTimeout = .seconds(1) }
        defer { client.thread.stop() }
        let isOver = Atomic(false)
        async let late = {
            defer { isOver.store(true, ordering: .relaxed) }
            return try await client.mail(Self.address(slow)).summary
        }()
        var number = 0
        while !isOver.load(ordering: .relaxed) {
            number += 1
            let another = MailServer(
                host: "127.0.0.1", port: good.port, security: .off, clientName: "client\(number).example.com")
            #expect(try await client.mail(another).summary == "250 body")
            usleep(20_000)
        }
        #expect(try await late == "250 body")
    }
}
