import Testing

@testable import Kafka

@Suite(.timeLimit(.minutes(5)))
struct FetchRefillTests {
    /// With room for two batches, and a second of waiting whenever they are there, 200 batches would take 100 seconds.
    @Test func fetchesOnAsSoonAsThereIsRoom() throws {
        let cluster = try MockCluster()
        cluster.createTopic("events")
        let (batches, size) = (200, 10)
        try fill(cluster, batches: batches, size: size)
        var settings = cluster.consumerSettings(group: "g")
        settings.prefetchRecords = 2 * size
        let consumer = try Consumer(settings)
        try consumer.subscribe(["events"])
        var offsets: [Int64] = []
        try eventually({ offsets.count == batches * size }) {
            _ = try consumer.pollBatch(timeout: .milliseconds(100)) { record in
                offsets.append(record.offset)
                return .goOn
            }
        }
        #expect(offsets == (0..<Int64(batches * size)).map { $0 })
        consumer.close(within: .seconds(10))
    }

    /// The mock cluster answers a fetch with one batch.
    private func fill(_ cluster: MockCluster, batches: Int, size: Int) throws {
        let producer = try cluster.producer(linger: .milliseconds(5))
        for batch in 0..<batches {
            for number in 0..<size {
                try producer.send("events", key: nil, value: [1], token: UInt64(batch * size + number))
            }
            _ = try producer.flush(timeout: .seconds(20)) { _ in }
        }
    }

    @Test func fetchesFurtherAheadWhereNobodyCanBeWoken() throws {
        var settings = ConsumerSettings(kafka: KafkaSettings(brokers: "x:1", clientID: "test"), group: "g")
        func ahead() -> String? { settings.defaults.last { $0.0 == "queued.min.messages" }?.1 }
        #expect(ahead() == "20000")
        settings.kafka.security.protocolName = "sasl_ssl"
        settings.kafka.security.mechanism = "GSSAPI"
        #expect(ahead() == (FetchRefill.properties.isEmpty ? "100000" : "20000"))
        settings.kafka.security.username = "core"
        #expect(ahead() == "20000")
    }
}
