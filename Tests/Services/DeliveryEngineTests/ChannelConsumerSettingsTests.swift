import Delivery
import Kafka
import Notifications
import Settings
import Testing

@testable import DeliveryEngine

struct ChannelConsumerSettingsTests {
    private func read(
        _ yaml: String, _ environment: [String: String] = [:], channel: ChannelName = .webhook
    ) throws -> ChannelConsumerSettings {
        let node = try YAMLNode.parse(yaml, file: "webhook.yaml")
        let reader = SettingsReader(file: "webhook.yaml", node: node, environment: environment)
        let settings = ChannelConsumerSettings(reader, channel: channel)
        try reader.finish()
        return settings
    }

    @Test func defaultsAreTheContracts() throws {
        let settings = try read("status: true\n")
        #expect(settings.kafka.brokers == "127.0.0.1:9094" && settings.group == "webhook-consumer")
        #expect(
            settings.topics == [
                "notifications.webhook", "notifications.webhook.dlq", "notifications.webhook.retry.30s",
                "notifications.webhook.retry.5m", "notifications.webhook.retry.30m", "notifications.status",
            ])
        #expect((0..<3).map(settings.retryGroup) == ["30s", "5m", "30m"].map { "webhook-consumer-retry-\($0)" })
        #expect(settings.maxInFlight == 64 && settings.retry.maxRetries == 8 && settings.drainTimeout == .seconds(25))
        #expect(settings.retry.baseDelay == .milliseconds(500) && settings.sessionTimeout == .seconds(10))
        #expect(settings.onAmbiguous == .retry && !settings.retry.isStrict)
        #expect(try read("{}", channel: .sms).onAmbiguous == .dlq)
    }

    /// What librdkafka says only where it makes a client. Its producer has no transactions, and so no limit of theirs.
    @Test func refusesWhatItsClientsWouldRefuse() throws {
        let yaml = "kafka:\n  message.timeout.ms: 300000\n  fetch.max.bytes: 100\n"
        let reader = SettingsReader(
            file: "webhook.yaml", node: try YAMLNode.parse(yaml, file: "webhook.yaml"), environment: [:])
        _ = try ConsumerService(.webhook) { _ in nil }.load(reader)
        #expect(reader.allFaults.map(\.line) == [3] && reader.allFaults.map(\.key) == ["kafka.fetch.max.bytes"])
    }

    @Test func theEnvironmentWins() throws {
        let yaml = """
            kafka: { brokers: "file:1", group_id: from-file }
            worker_pool_size: 3
            ordering: strict
            status: off
            """
        let environment = [
            "KAFKA_BROKERS": "a:1,b:2", "KAFKA_GROUP_ID": "g", "KAFKA_TOPIC": "t", "WORKER_POOL_SIZE": "7",
            "MAX_RETRIES": "2", "BACKOFF_BASE_DELAY_MS": "10", "RETRY_TIERS": "1s,90s", "DRAIN_TIMEOUT": "3s",
            "INSTANCE_ID": "one",
        ]
        let settings = try read(yaml, environment)
        #expect(settings.topics == ["t", "t.dlq", "t.retry.1s", "t.retry.90s"])
        #expect(settings.kafka.brokers == "a:1,b:2" && settings.group == "g" && settings.maxInFlight == 7)
        #expect(settings.retry.maxRetries == 2 && settings.retry.baseDelay == .milliseconds(10))
        #expect(settings.retry.isStrict && settings.drainTimeout == .seconds(3))
        #expect(settings.instanceID == "one" && settings.sessionTimeout == .seconds(20))
        #expect(settings.consistent.retry.tiers == [.seconds(1), .seconds(90)])
        #expect(settings.consistent.circuit.maximumCooldown == .seconds(1))
    }

    @Test func aTierMayLastThreeDays() throws {
        #expect(
            try read("{}", ["RETRY_TIERS": "30s,3d"]).consistent.retry.tiers == [.seconds(30), .seconds(3 * 86_400)])
    }

    struct Fault: Sendable {
        let environment: [String: String]
        let key: String
    }

    static let faults = [
        Fault(environment: ["RETRY_TIERS": "30s,soon"], key: "RETRY_TIERS"),
        Fault(environment: ["RETRY_TIERS": "5m,30s"], key: "RETRY_TIERS"),
        Fault(environment: ["RETRY_TIERS": "30s,73h"], key: "RETRY_TIERS"),
        Fault(environment: ["MAX_RETRIES": "many"], key: "MAX_RETRIES"),
        Fault(environment: ["WORKER_POOL_SIZE": "0"], key: "WORKER_POOL_SIZE"),
        Fault(environment: ["KAFKA_DLQ_TOPIC": "notifications.webhook"], key: "kafka.topic"),
    ]

    @Test(arguments: faults) func badValuesAreRefused(_ fault: Fault) throws {
        let error = #expect(throws: SettingsError.self) { try read("{}", fault.environment) }
        #expect(error?.faults.map(\.key) == [fault.key])
    }
}
