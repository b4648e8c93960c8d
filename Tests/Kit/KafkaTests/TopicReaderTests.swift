import Kafka
import Testing

struct TopicReaderTests {
    @Test(.timeLimit(.minutes(5)))
    func readsEveryPartitionToItsEndAndFollows() throws {
        let cluster = try MockCluster()
        cluster.createTopic("contacts", partitions: 3)
        let producer = try cluster.producer()
        for number in UInt8(0)..<20 {
            try producer.send("contacts", key: [number], value: number == 7 ? nil : [number], token: UInt64(number))
        }
        let delivered = try producer.flush(timeout: .seconds(10)) { _ in }
        #expect(delivered)
        let reader = try TopicReader(cluster.settings, topic: "contacts", timeout: .seconds(10))
        var seen: [UInt8: UInt8?] = [:]
        func read() {
            reader.poll(timeout: .milliseconds(100), maximum: 5) { record in
                seen[record.key?.first ?? 255] = .some(record.value?.first)
            }
        }
        try eventually({ reader.hasReachedEnd }, read)
        #expect(seen.count == 20 && seen[7] == .some(nil) && seen[8] == 8)
        try producer.send("contacts", key: [7], value: [77], token: 99)
        try eventually({ seen[7] == 77 }) {
            try producer.poll(timeout: .zero) { _ in }
            reader.takeNewPartitions()
            read()
        }
        // The mock cluster gives no topic more partitions; without new ones nothing is read again.
        #expect(reader.hasReachedEnd && seen.count == 20)
        #expect(throws: KafkaError.self) {
            _ = try TopicReader(
                KafkaSettings(brokers: "127.0.0.1:1", clientID: "test"), topic: "x", timeout: .milliseconds(50))
        }
    }
}
