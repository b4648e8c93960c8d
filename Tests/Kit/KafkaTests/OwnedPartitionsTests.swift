import Testing

@testable import Kafka

struct OwnedPartitionsTests {
    @Test func takesEveryOffsetOnceAndOnlyWhileOwned() {
        var owned = OwnedPartitions(topics: 2)
        func taken(_ offsets: [Int64], topic: Int = 0, partition: Int = 3) -> [Int64] {
            offsets.filter { owned.take(topic: topic, partition: partition, offset: $0) }
        }
        #expect(taken([0, 1]) == [])
        owned.own(topic: 0, partition: 3, from: 10)
        // A gap is a compacted record or a transaction marker.
        #expect(taken([9, 10, 10, 14, 12, 15]) == [10, 14, 15])
        #expect(taken([20], partition: 2) == [] && taken([20], topic: 1) == [])
        // A rewind makes the records behind it fresh again.
        owned.own(topic: 0, partition: 3, from: 10)
        #expect(taken([11, 12]) == [11, 12])
        owned.disown(topic: 0, partition: 3)
        #expect(taken([20, 21]) == [] && !owned.owns(topic: 0, partition: 3))
    }
}
