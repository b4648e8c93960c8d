import Testing

@testable import Kafka

struct OwnedPartitionsTests {
    @Test func takesWhatIsOwnedAndTellsARewind() {
        var owned = OwnedPartitions(topics: 2)
        func receipts(_ offsets: [Int64], topic: Int = 0, partition: Int = 3) -> [OwnedPartitions.Receipt] {
            offsets.map { owned.take(topic: topic, partition: partition, offset: $0) }
        }
        #expect(receipts([0, 1]) == [.stale, .stale])
        owned.own(topic: 0, partition: 3, from: 10)
        // A gap is a compacted record or a transaction marker.
        #expect(receipts([10, 14, 15]) == [.next, .ahead(of: 11), .next])
        #expect(receipts([20], partition: 2) == [.stale] && receipts([20], topic: 1) == [.stale])
        // A log made anew starts below what was read, or below what is committed.
        #expect(receipts([3, 4]) == [.rewound, .next])
        owned.own(topic: 0, partition: 3, from: 10)
        #expect(receipts([0, 1]) == [.rewound, .next])
        // Going back on purpose is no rewind.
        owned.own(topic: 0, partition: 3, from: 1)
        #expect(receipts([1, 2]) == [.next, .next])
        owned.disown(topic: 0, partition: 3)
        #expect(receipts([20, 21]) == [.stale, .stale] && !owned.owns(topic: 0, partition: 3))
    }

    /// What is behind the last record of a partition, and nothing that was not handed out.
    @Test func knowsTheTails() {
        var owned = OwnedPartitions(topics: 2)
        func tails() -> [Int64] { owned.tails.map(\.end) }
        owned.reachEnd(topic: 1, partition: 0, offset: 9)
        owned.own(topic: 1, partition: 0, from: 5)
        #expect(tails().isEmpty)
        owned.reachEnd(topic: 1, partition: 0, offset: 5)
        #expect(tails().isEmpty)
        // A marker behind the record at 5.
        #expect(owned.take(topic: 1, partition: 0, offset: 5) == .next)
        owned.reachEnd(topic: 1, partition: 0, offset: 7)
        #expect(tails() == [7] && owned.tails.first?.topic == 1)
        #expect(owned.take(topic: 1, partition: 0, offset: 7) == .ahead(of: 6))
        #expect(tails().isEmpty)
        // Going back on purpose, and a log that was made anew: the end comes after records that come again.
        owned.reachEnd(topic: 1, partition: 0, offset: 9)
        owned.own(topic: 1, partition: 0, from: 5)
        #expect(tails().isEmpty)
        owned.reachEnd(topic: 1, partition: 0, offset: 9)
        #expect(owned.take(topic: 1, partition: 0, offset: 0) == .rewound)
        #expect(tails().isEmpty)
        owned.reachEnd(topic: 1, partition: 0, offset: 9)
        owned.disown(topic: 1, partition: 0)
        #expect(tails().isEmpty)
    }
}
