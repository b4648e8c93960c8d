import ChannelSupport
import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import WebhookChannel

struct WebhookRequestTests {
    static func config(allowsEventURLs: Bool = false) throws -> WebhookConfig {
        let orders = WebhookEndpoint(
            target: EndpointTarget(
                url: try WebAddress("https://example.com/hook"), headers: try HTTPHeaders([("X-Team", "orders")]),
                timeout: .seconds(15), destination: Destination(name: "orders", maxInFlight: 16)),
            secrets: [try SigningSecret(SignatureTests.secret)], overrides: StatusOverrides())
        return WebhookConfig(endpoints: ["orders": orders], allowsEventURLs: allowsEventURLs)
    }

    static func notification(endpoint: String = "orders", url: String? = nil) -> Notification {
        Notification(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", channel: .webhook, event: .init(id: "e", type: "t", source: "s"),
            recipient: .webhook(endpoint: endpoint, url: url),
            content: .webhook(json: Array(#"{"test": 2432232314}"#.utf8)))
    }

    private static func http(
        _ notification: Notification, traceparent: String? = nil, _ config: WebhookConfig
    ) throws -> HTTPRequest {
        let attempt = Attempt(
            number: 1, at: UnixTime(milliseconds: 1_614_265_330_999), traceparent: traceparent)
        let request = try WebhookChannel(config).request(for: notification, attempt: attempt)
        guard case .http(let http) = request else { throw Refusal(deadLetter: .permanent, code: "", message: "") }
        return http
    }

    @Test func postsTheContentSigned() throws {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let http = try Self.http(Self.notification(), traceparent: traceparent, Self.config())
        #expect(http.url.text == "https://example.com/hook")
        #expect(http.body == Array(#"{"test": 2432232314}"#.utf8))
        #expect(http.timeout == .seconds(15))
        #expect(
            http.headers.map { "\($0.name): \($0.value)" } == [
                "content-type: application/json", "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp: 1614265330",
                "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "traceparent: \(traceparent)",
                "X-Team: orders",
            ])
    }

    static let badTraces: [String] = [
        "", "00-x", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ]

    @Test(arguments: badTraces)
    func dropsABadTraceparent(text: String) throws {
        let http = try Self.http(Self.notification(), traceparent: text, Self.config())
        #expect(!http.headers.contains { $0.name == "traceparent" })
    }

    @Test func callsAnEventsURLOnlyWhereAllowed() throws {
        let notification = Self.notification(url: "https://other.example/x")
        let http = try Self.http(notification, Self.config(allowsEventURLs: true))
        #expect(http.url.text == "https://other.example/x")
        let refusal = #expect(throws: Refusal.self) { try Self.http(notification, Self.config()) }
        #expect(refusal?.deadLetter == .blocked)
        #expect(refusal?.code == "event_url")
        let destination = try WebhookChannel(Self.config(allowsEventURLs: true)).destination(of: notification)
        #expect(destination == Destination(name: "orders", maxInFlight: 16, hasOwnAddress: true))
    }

    static let badURLs: [String] = [
        "", "example.com", "ftp://example.com", "file:///etc/passwd", "https://user:pass@example.com/", "https://",
        "https://example.com/ x", "https://example.com/\r\nX: y",
    ]

    @Test(arguments: badURLs)
    func refusesABadURL(text: String) throws {
        let config = try Self.config(allowsEventURLs: true)
        let refusal = #expect(throws: Refusal.self) { try Self.http(Self.notification(url: text), config) }
        #expect(refusal?.deadLetter == .blocked)
        #expect(refusal?.code == "bad_url")
    }

    @Test func refusesAnUnknownEndpoint() throws {
        let channel = WebhookChannel(try Self.config())
        let refusal = #expect(throws: Refusal.self) {
            try channel.destination(of: Self.notification(endpoint: "other"))
        }
        #expect(
            refusal
                == Refusal(
                    deadLetter: .unknownEndpoint, code: "unknown_endpoint",
                    message: "recipient.endpoint is not a webhook endpoint of the configuration"))
    }
}
