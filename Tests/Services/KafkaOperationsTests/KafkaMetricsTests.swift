import Glibc
import Kafka
import Telemetry
import TestKit
import Testing

@testable import KafkaOperations

/// A real client on a mock cluster: what it says about itself arrives in the metrics.
struct KafkaMetricsTests {
    static func text(_ registry: MetricsRegistry) -> String {
        var bytes: [UInt8] = []
        registry.render(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    struct NeverHappened: Error {}

    /// Serves the producer until the metrics have the text, or have it no more.
    ///
    /// - Parameter isBusy: sends a record each time: an idle client measures no round trips.
    static func wait(
        for text: String, in registry: MetricsRegistry, _ producer: IdempotentProducer, isThere: Bool = true,
        isBusy: Bool = false
    ) throws {
        let end = ContinuousClock.now + .seconds(30)
        while Self.text(registry).contains(text) != isThere {
            guard ContinuousClock.now < end else { throw NeverHappened() }
            if isBusy { try send(producer) }
            try producer.poll(timeout: .milliseconds(20)) { _ in }
        }
    }

    private static func send(_ producer: IdempotentProducer) throws {
        try producer.send(topic: "t", key: nil, value: Array("v".utf8), headers: RecordHeaders(), token: 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func aBrokerThatComesAndGoesIsSeen() throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 1)
        let registry = MetricsRegistry()
        let metrics = KafkaMetrics(registry, log: RecordingLog().log())
        var settings = KafkaSettings(brokers: cluster.brokers, clientID: "test")
        settings.properties = [("statistics.interval.ms", "50"), ("reconnect.backoff.ms", "20")]
        #expect(metrics.isConnected(client: "producer") == nil)
        let producer = try IdempotentProducer(
            ProducerSettings(kafka: metrics.settings(settings, client: "producer")))
        try Self.send(producer)
        let connected = #"notificationhub_kafka_broker_connected{client="producer",broker="1"}"#
        try Self.wait(for: "\(connected) 1\n", in: registry, producer)
        #expect(metrics.isConnected(client: "producer") == true)
        try Self.wait(
            for: #"notificationhub_kafka_broker_round_trip_seconds{client="producer",broker="1",stat="p99"} 0."#,
            in: registry, producer, isBusy: true)
        try Self.wait(for: #"kafka_producer_queued_records{client="producer"} 0"#, in: registry, producer)

        let allDown = #"notificationhub_kafka_client_errors_total{client="producer",code="_ALL_BROKERS_DOWN"}"#
        #expect(Self.text(registry).contains("\(allDown) 0\n"))
        cluster.setBroker(1, down: true)
        try Self.wait(for: "\(connected) 0\n", in: registry, producer)
        try Self.wait(for: "\(allDown) 0\n", in: registry, producer, isThere: false)
        #expect(metrics.isConnected(client: "producer") == false)
        cluster.setBroker(1, down: false)
        try Self.wait(for: "\(connected) 1\n", in: registry, producer)
    }

    @Test func aRebalanceAndTheLagAreShownAsLongAsThePartitionIsHere() {
        let registry = MetricsRegistry()
        let group = GroupMetrics(registry, groups: ["g"], topics: ["t"])
        let places = [0, 1].map { TopicPartition(topic: "t", partition: $0) }
        group.noted(.assigned, group: "g")
        group.noted(.deleted, group: "g")
        group.set([.init(places[0], lag: 7, age: .seconds(3)), .init(places[1], lag: nil, age: nil)])
        let shown = Self.text(registry)
        #expect(shown.contains(#"notificationhub_rebalances_total{group="g",kind="assigned"} 1"#))
        #expect(shown.contains(#"notificationhub_rebalances_total{group="g",kind="lost"} 0"#))
        #expect(shown.contains(#"notificationhub_offset_resets_total{group="g",reason="deleted"} 1"#))
        #expect(shown.contains(#"notificationhub_offset_resets_total{group="g",reason="no_offset"} 0"#))
        #expect(shown.contains(#"notificationhub_assigned_partitions{topic="t"} 2"#))
        #expect(shown.contains(#"notificationhub_lag_records{topic="t",partition="0"} 7"#))
        #expect(shown.contains(#"notificationhub_lag_seconds{topic="t",partition="0"} 3"#))
        #expect(!shown.contains(#"partition="1""#))
        group.remove(places)
        #expect(!Self.text(registry).contains("notificationhub_lag_records{"))
    }
}
