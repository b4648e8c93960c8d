import Delivery
import Kafka
import Testing
import Time

@testable import DeliveryEngine

struct FeedTests {
    /// Two records are done and not committed, one is under way, when the group takes the partition for lost: another
    /// member does all three again, so that they count until the group answers.
    @Test func whatLeavesWithALostPartitionStaysExposedUntilTheGroupAnswers() throws {
        let owner = Owner()
        let settings = ConsumerSettings(kafka: KafkaSettings(brokers: "127.0.0.1:1", clientID: "test"), group: "g")
        let feed = try Feed(index: 0, topic: "t", delay: nil, settings: settings, maxSpan: 100, owner: owner)
        owner.feed = feed
        let place = TopicPartition(topic: "t", partition: 0)
        feed.assigned([PartitionOffset(topicPartition: place, offset: 0)])
        let partition = try #require(feed.partitions[place.partition])
        for offset in 0..<3 { _ = partition.watermark.receive(Int64(offset)) }
        for offset in 0..<2 { feed.complete(place.partition, offset: Int64(offset), epoch: partition.watermark.epoch) }
        #expect(feed.uncommitted == 2)

        owner.unfinished = 1
        feed.revoked([place], lost: true)
        #expect(feed.uncommitted == 3)
        #expect(feed.untold == 0)

        feed.assigned([])
        #expect(feed.uncommitted == 0)
        feed.close(within: .milliseconds(100))
    }

    /// However much of one partition is due, it does not keep the others waiting.
    @Test func whatIsDueForLongestGoesFirstWhateverItsPartition() throws {
        let owner = Owner()
        let settings = ConsumerSettings(kafka: KafkaSettings(brokers: "127.0.0.1:1", clientID: "test"), group: "g")
        let feed = try Feed(index: 1, topic: "t", delay: .seconds(30), settings: settings, maxSpan: 100, owner: owner)
        let places = (0..<3).map { TopicPartition(topic: "t", partition: $0) }
        feed.assigned(places.map { PartitionOffset(topicPartition: $0, offset: 0) })
        let start = MonotonicTime.now
        // Due one after another: offset 0 of each partition, then offset 1 of each, and so on.
        for place in places {
            for offset in 0..<4 {
                let due = start + .seconds(offset * 3 + Int(place.partition))
                let record = OwnedRecord(
                    topic: place.topic, partition: place.partition, offset: Int64(offset), timestamp: 0, key: nil,
                    value: nil)
                feed.partitions[place.partition]?.rest(record, until: due, epoch: 0)
            }
        }
        #expect(feed.nextDue == start)

        feed.releaseDue(start + .seconds(5), maximum: 4)
        #expect(owner.received == ["0/0", "1/0", "2/0", "0/1"])
        feed.releaseDue(start + .seconds(5), maximum: 100)
        #expect(owner.received == ["0/0", "1/0", "2/0", "0/1", "1/1", "2/1"])
        #expect(feed.nextDue == start + .seconds(6))
        feed.close(within: .milliseconds(100))
    }

    /// Large records rest in the topic rather than in memory, but for one of each partition; when it leaves the next one
    /// comes, so that nothing stalls and nothing is left out.
    @Test(arguments: [(room: 1_000_000, resting: 4), (room: 1, resting: 1)])
    func whatRestsIsBoundedInBytes(room: Int, resting: Int) throws {
        let (cluster, partitions, records) = (try MockCluster(), 2, 24)
        cluster.createTopic("t", partitions: partitions)
        let kafka = KafkaSettings(brokers: cluster.brokers, clientID: "test")
        let producer = try IdempotentProducer(ProducerSettings(kafka: kafka))
        let value = [UInt8](repeating: 1, count: 150_000)
        for number in 0..<records {
            try producer.send(topic: "t", key: Array("\(number)".utf8), value: value, headers: .init(), token: 0)
        }
        _ = try producer.flush(timeout: .seconds(10)) { _ in }

        let owner = Owner()
        let feed = try Feed(
            index: 1, topic: "t", delay: .hours(1), settings: ConsumerSettings(kafka: kafka, group: "g"), maxSpan: 100,
            maxWaitingBytes: room, owner: owner)
        try feed.subscribe()
        let isHeld = { feed.partitions.all.map(\.waiting.count) == [resting, resting] }
        try eventually(isHeld) { _ = try feed.poll(timeout: .milliseconds(20), maximum: 64) }
        for _ in 0..<20 { _ = try feed.poll(timeout: .milliseconds(20), maximum: 64) }
        #expect(isHeld() && feed.pausedCount == partitions)

        var most = 0
        try eventually({ owner.received.count == records }) {
            feed.releaseDue(.now + .hours(2), maximum: 1)
            _ = try feed.poll(timeout: .milliseconds(5), maximum: 64)
            most = max(most, feed.partitions.all.map(\.waiting.count).max() ?? 0)
        }
        #expect(most == resting && Set(owner.received).count == records)
        feed.close(within: .milliseconds(500))
    }
}

/// Says how much of what leaves is under way.
private final class Owner: FeedOwner {
    weak var feed: Feed?
    var unfinished = 0
    /// Partition and offset of what was handed over.
    private(set) var received: [String] = []

    func received(_ record: OwnedRecord, feed: Int, epoch: Int) {
        received.append("\(record.partition)/\(record.offset)")
    }

    func noted(_ note: FeedNote, feed: Int) {}

    func revoking(_ partitions: Set<TopicPartition>, feed: Int, lost: Bool) -> Duration {
        for _ in 0..<unfinished { self.feed?.forsake() }
        return .zero
    }
}
