import Glibc
import Lifecycle
import Synchronization
import TestKit
import Testing

@testable import Transfer

@Suite struct HTTPTransferTests {
    /// One thing a receiver does with a request that was read, and what the sender makes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: String
        let serve: @Sendable (StubConnection) -> Void
        var testDescription: String { name }

        init(_ name: String, _ expected: String, _ serve: @escaping @Sendable (StubConnection) -> Void) {
            self.name = name
            self.expected = expected
            self.serve = serve
        }
    }

    /// As gzip, 229 bytes.
    private static let twoHundredThousandZeros: [UInt8] =
        [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 245, 79, 109, 6, 127, 160]
        + [UInt8](repeating: 0, count: 193) + [128, 215, 0, 123, 88, 224, 92, 64, 13, 3, 0]

    static let cases: [Case] = [
        Case("answer", "200 2") { $0.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") },
        Case("no content", "204 0") { $0.write("HTTP/1.1 204 No Content\r\n\r\n") },
        Case("error with body", "503 4") { $0.write("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nwait") },
        Case("body until close", "200 3") { $0.write("HTTP/1.0 200 OK\r\n\r\nabc") },
        Case("chunks", "200 5") {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")
        },
        Case("1xx first", "200 2") {
            $0.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        },
        // A bomb stays as small as it came.
        Case("compressed body", "200 4") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbomb")
        },
        // Nobody asked for it, but libcurl decodes a compressed transfer: no further than to the limit.
        Case("compressed transfer beyond the limit", "200 65536") {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\ne5\r\n")
            $0.write(twoHundredThousandZeros)
            $0.write("\r\n0\r\n\r\n")
        },
        Case("compressed transfer that is none", "reset sent") {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\nbomb\r\n0\r\n\r\n")
        },
        Case("body at the limit", "200 65536") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n" + String(repeating: "x", count: 65536))
        },
        Case("body beyond the limit", "200 65536") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + String(repeating: "x", count: 200000))
        },
        Case("endless body", "500 65536") {
            $0.write("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
            while $0.write("400\r\n" + String(repeating: "x", count: 1024) + "\r\n") {}
        },
        Case("endless headers", "reset sent") {
            $0.write("HTTP/1.1 200 OK\r\n")
            while $0.write("X-More: " + String(repeating: "x", count: 1024) + "\r\n") {}
        },
        Case("closed without an answer", "reset sent") { $0.close() },
        Case("reset without an answer", "reset sent") { $0.reset() },
        Case("half a status line", "reset sent") { $0.write("HTTP/1.1 2") },
        Case("half the headers", "reset sent") { $0.write("HTTP/1.1 200 OK\r\nContent-Le") },
        Case("only a 1xx", "reset sent") { $0.write("HTTP/1.1 103 Early Hints\r\n\r\n") },
        Case("another protocol", "reset sent") { $0.write("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc") },
        Case("an empty line only", "reset sent") { $0.write("\r\n\r\n") },
        Case("body shorter than its length", "reset sent") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        },
        Case("broken chunk", "reset sent") {
            $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        },
        Case("no HTTP", "reset sent") { $0.write("220 mail.example.com ESMTP\r\n") },
        Case("hang", "timeout sent") { $0.drain() },
        Case("hang in the body", "timeout sent") {
            $0.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            $0.drain()
        },
        Case("slow loris", "timeout sent") {
            $0.write("HTTP/1.1 200 OK\r\nX-Slow: ")
            while $0.write("x") { usleep(5_000) }
        },
    ]

    @Test(arguments: cases) func judgesWhatReceiversDo(row: Case) async throws {
        let server = StubServer { connection in
            if connection.readRequest() != nil { row.serve(connection) }
        }
        defer { server.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let timeout = row.expected.hasPrefix("timeout") ? Duration.milliseconds(300) : .seconds(20)
        let result = try await client.post("http://127.0.0.1:\(server.port)/", timeout: timeout)
        #expect(result.summary == row.expected, "\(result)")
    }

    @Test func sendsExactlyWhatWasAsked() async throws {
        let seen = Mutex<[(head: [String], body: String)]>([])
        let server = StubServer { connection in
            while let request = connection.readRequest() {
                seen.withLock { $0.append(request) }
                connection.write("HTTP/1.1 200 OK\r\nX-Answer:  Yes \r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        defer { server.stop() }
        let client = try Client { $0.userAgent = "Test/1" }
        defer { client.thread.stop() }
        let url = "http://127.0.0.1:\(server.port)/a/b?c=d#e"
        let first = try await client.post(
            url, headers: [("Content-Type", "text/plain"), ("X-Empty", "")], body: "Größe",
            basicAuth: BasicAuth(user: "me", password: "a:b"))
        let second = try await client.post(url, body: "")
        let requests = seen.withLock { $0 }
        #expect(
            requests[0].head == [
                "POST /a/b?c=d HTTP/1.1", "Host: 127.0.0.1:\(server.port)", "Authorization: Basic bWU6YTpi",
                "User-Agent: Test/1", "Accept: */*", "Content-Type: text/plain", "X-Empty:", "Content-Length: 7",
            ])
        #expect(requests.map(\.body) == ["Größe", ""])
        // Credentials and headers of one request never reach the next one on the same handle and connection.
        #expect(!requests[1].head.contains { $0.hasPrefix("Authorization") || $0.hasPrefix("X-Empty") })
        #expect(server.connectionCount == 1)
        guard case .http(let answer) = first, case .http = second else {
            Issue.record("\(first) \(second)")
            return
        }
        #expect(
            answer.headers.map { "\($0.name)=\($0.value)" } == ["x-answer=Yes", "retry-after=7", "content-length=2"])
        #expect(answer.header("retry-after") == "7" && answer.body == Array("ok".utf8))
    }

    static let redirects = [301, 302, 303, 307, 308]

    @Test(arguments: redirects) func followsNoRedirect(status: Int) async throws {
        let inside = StubServer { $0.drain() }
        let outside = StubServer { connection in
            _ = connection.readRequest()
            connection.write(
                "HTTP/1.1 \(status) Moved\r\nLocation: http://127.0.0.1:\(inside.port)/\r\nContent-Length: 0\r\n\r\n")
        }
        defer {
            outside.stop()
            inside.stop()
        }
        let client = try Client()
        let result = try await client.post("http://127.0.0.1:\(outside.port)/")
        client.thread.stop()
        #expect(result.summary == "\(status) 0")
        #expect(inside.connectionCount == 0)
    }

    static let unreachable: [(url: String, expected: String)] = [
        ("http://127.0.0.1:PORT/", "blocked"), ("http://localhost:PORT/", "blocked"),
        ("http://2130706433:PORT/", "blocked"), ("http://[::1]:PORT/", "blocked"),
        ("http://[::ffff:127.0.0.1]:PORT/", "blocked"), ("https://127.0.0.1:PORT/", "blocked"),
        ("http://0x7f.1:PORT/", "blocked"), ("http://127.1:PORT/", "blocked"), ("http://0177.0.0.1:PORT/", "blocked"),
        ("http://[::ffff:7f00:1]:PORT/", "blocked"), ("http://[::]:PORT/", "blocked"),
        ("http://[64:ff9b::7f00:1]:PORT/", "blocked"), ("http://[2002:7f00:1::]:PORT/", "blocked"),
        ("http://[::ffff:0:127.0.0.1]:PORT/", "blocked"), ("http://[fe80::1%25lo]:PORT/", "blocked"),
        ("http://0.0.0.0:PORT/", "blocked"), ("https://169.254.169.254/latest/meta-data/", "blocked"),
        ("http://1.1.1.1/", "blocked"), ("https://no-such-host.invalid/", "dns"),
    ]

    @Test(arguments: unreachable) func connectsToNothingThatIsBlocked(row: (url: String, expected: String)) async throws
    {
        let server = StubServer { $0.drain() }
        defer { server.stop() }
        let client = try Client(allow: ["10.0.0.0/8"])
        defer { client.thread.stop() }
        let url = row.url.split(separator: "PORT").joined(separator: String(server.port))
        let result = try await client.post(url, timeout: .seconds(20))
        #expect(result.summary == row.expected, "\(result)")
        #expect(server.connectionCount == 0)
    }

    @Test func failsToConnectClearly() async throws {
        let server = StubServer { $0.write("this is not TLS\r\n") }
        let client = try Client()
        defer { client.thread.stop() }
        let plain = try await client.post("https://127.0.0.1:\(server.port)/")
        #expect(plain.summary == "tls", "\(plain)")
        server.stop()
        let refused = try await client.post("http://127.0.0.1:\(server.port)/")
        #expect(refused.summary == "connect", "\(refused)")
    }

    /// libcurl would send the request a second time; the peer may have acted on the first.
    @Test func doesNotRepeatARequestOnADeadConnection() async throws {
        let requests = Mutex(0)
        let server = StubServer { connection in
            while connection.readRequest() != nil {
                let count = requests.withLock { count in
                    count += 1
                    return count
                }
                guard count != 2 else { break }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.stop() }
        let client = try Client()
        defer { client.thread.stop() }
        let url = "http://127.0.0.1:\(server.port)/"
        var summaries: [String] = []
        for _ in 0..<3 { summaries.append(try await client.post(url).summary) }
        #expect(summaries == ["200 0", "reset sent", "200 0"])
        #expect(requests.withLock { $0 } == 3)
    }

    /// One deadline for all of an attempt, whichever part of it takes so long.
    @Test func everyPartOfAnAttemptCountsTowardsItsDeadline() async throws {
        let isOver = Latch()
        // Takes connections and says nothing; reads nothing either.
        let mute = StubServer { _ in isOver.wait(timeout: .seconds(60)) }
        let loris = StubServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while !isOver.isOpen, connection.write("1\r\nx\r\n") { isOver.wait(timeout: .milliseconds(5)) }
        }
        defer {
            isOver.open()
            for server in [mute, loris] { server.stop() }
        }
        let client = try Client()
        defer { client.thread.stop() }
        let attempts: [(url: String, bytes: Int, expected: String)] = [
            ("https://127.0.0.1:\(mute.port)/", 2, "connect"),
            // More than fits into what the system keeps for a connection.
            ("http://127.0.0.1:\(mute.port)/", 32 << 20, "timeout sent"),
            ("http://127.0.0.1:\(mute.port)/", 2, "timeout sent"),
            ("http://127.0.0.1:\(loris.port)/", 2, "timeout sent"),
        ]
        for attempt in attempts {
            let body = [UInt8](repeating: 32, count: attempt.bytes)
            let request = try HTTPRequest(
                url: WebAddress(attempt.url), headers: HTTPHeaders(), body: body, timeout: .milliseconds(500))
            let completion = await client.run([.http(request)])[0]
            #expect(completion.result.summary == attempt.expected, "\(attempt.url) \(attempt.bytes)")
            // libcurl counts in whole milliseconds.
            #expect(completion.duration >= .milliseconds(490) && completion.duration < .seconds(10))
        }
    }

    @Test func hangingReceiversDelayNobodyAndStopEndsAll() async throws {
        let server = StubServer { connection in
            while let request = connection.readRequest() {
                if request.head[0].contains("/hang") { return connection.drain() }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        defer { server.stop() }
        let client = try Client()
        async let hanging = withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    try await client.post("http://127.0.0.1:\(server.port)/hang", timeout: .seconds(60)).summary
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        while server.connectionCount < 40 { await Task.yield() }
        for _ in 0..<50 {
            let result = try await client.post("http://127.0.0.1:\(server.port)/")
            #expect(result.summary == "200 0")
        }
        client.thread.stop()
        #expect(try await hanging == ["cancelled sent"])
        #expect(try await client.post("http://127.0.0.1:\(server.port)/").summary == "cancelled")
    }

    static let hostile: [(name: String, value: String)] = [
        ("X", "a\r\nInjected: 1"), ("X", "a\nInjected: 1"), ("X", "a\rb"), ("X", "a\0b"), ("X", "\u{7F}"),
        ("X: 1\r\nInjected", "a"), ("", "a"), ("X Y", "a"), ("Ünï", "a"), ("X:", "a"),
        ("Content-Length", "5"), ("transfer-encoding", "chunked"), ("Host", "inside"), ("Expect", "100-continue"),
    ]

    @Test(arguments: hostile) func refusesHeadersThatAreMore(row: (name: String, value: String)) throws {
        let failure = #expect(throws: TransferFailure.self) { try HTTPHeaders([row]) }
        #expect(failure?.kind == .invalid)
    }

    @Test func headersAreReadAsTheyWereAdded() throws {
        var headers = try HTTPHeaders([("X-Empty", ""), ("x-tab", "a\tb: ;"), ("X-Text", "Größe")])
        // What is refused leaves nothing behind.
        #expect(throws: TransferFailure.self) { try headers.append("x-id", "a\nb") }
        try headers.append("x-id", "1")
        var all = HTTPHeaders()
        all.append(contentsOf: headers)
        all.append(contentsOf: headers)
        let expected = ["X-Empty=", "x-tab=a\tb: ;", "X-Text=Größe", "x-id=1"]
        #expect(all.map { "\($0.name)=\($0.value)" } == expected + expected)
        #expect(all.count == 8)
    }
}
