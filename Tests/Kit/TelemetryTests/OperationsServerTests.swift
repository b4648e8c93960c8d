import Glibc
import Lifecycle
import Synchronization
import TestKit
import Testing

@testable import Telemetry

@Suite struct OperationsServerTests {
    /// One request over a socket of its own; the whole answer.
    static func ask(_ port: Int, _ request: String) throws -> String {
        let file = try Sockets.connect(host: "127.0.0.1", port: UInt16(port), timeout: 30)
        defer { close(file) }
        let bytes = Array(request.utf8)
        #expect(send(file, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = recv(file, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    static func request(_ method: String, _ path: String, _ more: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(more)\r\n"
    }

    static func server(
        _ address: String = "127.0.0.1:0", live: HealthReport = .healthy, ready: HealthReport = .healthy
    ) throws -> OperationsServer {
        let registry = MetricsRegistry()
        registry.counter(MetricsRegistryTests.plain).increment()
        return try OperationsServer(
            address: #require(OperationsAddress(address)), registry: registry, live: { live }, ready: { ready },
            log: RecordingLog().log())
    }

    @Test func answersItsThreePathsAndNothingElse() throws {
        let server = try Self.server(ready: .unhealthy("waiting for topics: order.events"))
        let live = try Self.ask(server.port, Self.request("GET", "/livez"))
        #expect(live.hasPrefix("HTTP/1.1 200 OK\r\n") && live.hasSuffix("\r\n\r\nok\n"))
        let ready = try Self.ask(server.port, Self.request("GET", "/readyz?verbose"))
        #expect(ready.hasPrefix("HTTP/1.1 503 ") && ready.hasSuffix("\r\n\r\nwaiting for topics: order.events\n"))
        let metrics = try Self.ask(server.port, Self.request("GET", "/metrics"))
        #expect(metrics.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(metrics.hasSuffix("# TYPE notificationhub_x_total counter\nnotificationhub_x_total 1\n"))
        let head = try Self.ask(server.port, Self.request("HEAD", "/livez"))
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Content-Length: 3\r\n"))
        #expect(head.hasSuffix("\r\n\r\n"))
        #expect(try Self.ask(server.port, Self.request("GET", "/")).hasPrefix("HTTP/1.1 404 "))
        let post = try Self.ask(server.port, Self.request("POST", "/metrics", "Content-Length: 4\r\n") + "body")
        #expect(post.hasPrefix("HTTP/1.1 405 ") && post.contains("Allow: GET, HEAD\r\n"))
        #expect(try !Self.ask(server.port, "nonsense\r\n\r\n").contains(" 200 "))
    }

    @Test func theProbeSaysWhatLivezSays() throws {
        let healthy = try Self.server()
        let port = UInt16(healthy.port)
        #expect(HealthProbe.run(address: .listen(host: "0.0.0.0", port: port)) == .init(exitCode: .ok, text: "ok"))
        healthy.stop()
        #expect(HealthProbe.run(address: .listen(host: nil, port: port)).exitCode == .unhealthy)
        let stuck = try Self.server(":0", live: .unhealthy("no progress"))
        #expect(
            HealthProbe.run(address: .listen(host: nil, port: UInt16(stuck.port)))
                == .init(exitCode: .unhealthy, text: "no progress"))
        #expect(HealthProbe.run(address: .off).exitCode == .unhealthy)
        #expect(HealthProbe.run(address: .listen(host: nil, port: 0)).exitCode == .unhealthy)
    }

    @Test func theLogNamesThePort() throws {
        let recorder = RecordingLog()
        let server = try OperationsServer(
            address: .listen(host: "127.0.0.1", port: 0), registry: MetricsRegistry(), live: { .healthy },
            ready: { .healthy }, log: recorder.log())
        let line = try #require(recorder.lines.first)
        #expect(line.contains(#""event":"operations_listening""#) && line.hasSuffix(#","port":\#(server.port)}"#))
    }

    @Test func aTakenPortIsAFaultThatNamesIt() throws {
        let server = try Self.server()
        let fault = #expect(throws: OperationsServer.Fault.self) { try Self.server("127.0.0.1:\(server.port)") }
        #expect(
            fault?.message
                == "operations server: cannot listen on 127.0.0.1 port \(server.port): Address already in use")
    }

    @Test func offListensNowhere() throws {
        let server = try Self.server("off")
        #expect(server.port == 0)
        server.stop()
    }

    static let addresses: [(text: String, address: OperationsAddress?)] = [
        ("off", .off), ("127.0.0.1:9464", .listen(host: "127.0.0.1", port: 9_464)),
        (":8081", .listen(host: nil, port: 8_081)),
        ("[::1]:0", .listen(host: "::1", port: 0)), ("localhost:1", .listen(host: "localhost", port: 1)), ("", nil),
        ("9464", nil), ("127.0.0.1", nil), ("127.0.0.1:", nil), ("127.0.0.1:65536", nil), ("::1:80", nil),
        ("[]:80", nil),
        ("http://x:80", nil), ("a b:80", nil), ("x:+80", nil),
    ]

    @Test(arguments: addresses)
    func readsAddresses(text: String, address: OperationsAddress?) {
        #expect(OperationsAddress(text) == address)
    }
}
