import ChannelSupport
import Delivery
import Settings
import TestKit
import Testing

@testable import WebhookChannel

struct WebhookConfigTests {
    /// The configuration with an endpoints file beside it; throws the faults.
    private static func read(_ secrets: String) throws -> WebhookConfig {
        let directory = TemporaryDirectory()
        let file = directory.write(
            "endpoints.yaml",
            "endpoints:\n  orders:\n    channel: webhook\n    url: https://example.com/x\n" + secrets)
        let reader = SettingsReader(
            file: "webhook.yaml", node: try YAMLNode.parse("urls_from_events: true", file: "webhook.yaml"),
            environment: ["ENDPOINTS_FILE": file])
        let config = WebhookConfig(reading: reader)
        try reader.finish()
        return config
    }

    @Test func readsEndpoints() throws {
        let config = try Self.read(
            """
                secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX]
                outcomes: { retry: [404], permanent: [500] }
            """)
        let orders = try #require(config.endpoints["orders"])
        #expect(config.allowsEventURLs)
        #expect(orders.secrets.count == 2)
        #expect(orders.target.destination.name == "orders")
        #expect(orders.overrides == StatusOverrides(retry: [404], permanent: [500]))
    }

    static let faulty: [(yaml: String, key: String, message: String)] = [
        ("", "endpoints.orders.secrets", "missing; a webhook needs one secret, or two while rotating"),
        ("    secrets: [hunter2]", "endpoints.orders.secrets", "a secret must start with whsec_"),
        (
            "    secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, whsec_aHVudGVyMg==]", "endpoints.orders.secrets",
            "a secret must hold 24 to 64 bytes behind whsec_, this one holds 7"
        ),
        (
            "    secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]\n    headers: { Webhook-Id: x }",
            "endpoints.orders.headers", "webhook-id cannot be set for an endpoint"
        ),
    ]

    @Test(arguments: faulty)
    func namesFaultsWithoutTheSecret(yaml: String, key: String, message: String) {
        let error = #expect(throws: SettingsError.self) { try Self.read(yaml) }
        #expect(error?.faults.map(\.key) == [key])
        #expect(error?.faults.map(\.message) == [message])
        #expect(error?.faults.contains { $0.text.contains("hunter2") || $0.text.contains("aHVudGVy") } == false)
    }
}
