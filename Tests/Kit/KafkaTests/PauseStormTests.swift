import Kafka
import TestKit
import Testing

/// librdkafka loses records where pause and resume meet a batch call on another thread; on one thread it must not.
struct PauseStormTests {
    private static let partitions = 4
    private static let records = 200_000

    /// Pauses, resumes and seeks at random between polls of both kinds, with pauses of random length in between: every
    /// offset comes exactly once and in order, and again exactly once after each seek, which begins a new epoch.
    @Test(.timeLimit(.minutes(2)))
    func aStormOfPausesAndResumesLosesAndRepeatsNothing() throws {
        let cluster = try MockCluster()
        cluster.createTopic("storm", partitions: Self.partitions)
        try fill(cluster)
        let all = (0..<Int32(Self.partitions)).map { TopicPartition(topic: "storm", partition: $0) }
        let listener = RecordingListener()
        let consumer = try cluster.consumer(group: "g", listener: listener)
        try consumer.subscribe(["storm"])
        var generator = SeededGenerator(seed: 11)
        var next = [Int64](repeating: 0, count: Self.partitions)
        var (read, rewound, flips, faults) = (0, 0, 0, 0)
        var (readBefore, idle) = (0, 0)
        func take(_ partition: Int32, _ offset: Int64) {
            if offset != next[Int(partition)] { faults += 1 }
            next[Int(partition)] = offset + 1
            read += 1
        }
        try eventually({ read >= Self.records + rewound }, within: .seconds(90)) {
            if generator.chance(0.5) {
                let batch = Int.random(in: 1...2_000, using: &generator)
                _ = try consumer.poll(timeout: .milliseconds(5), maximum: batch) { take($0.partition, $0.offset) }
            } else {
                let stop = Int.random(in: 1...2_000, using: &generator)
                var count = 0
                _ = try consumer.pollBatch(timeout: .milliseconds(5)) { record in
                    count += 1
                    guard count < stop else { return .stop }
                    take(record.partition, record.offset)
                    return .goOn
                }
            }
            // Without progress in between nothing would ever arrive: a pause or resume drops what was fetched.
            idle = read == readBefore ? idle + 1 : 0
            readBefore = read
            guard idle == 0 || idle > 10 else { return }
            try consumer.resume(all.filter { _ in generator.chance(0.5) })
            try consumer.pause(all.filter { _ in generator.chance(0.25) })
            flips += 1
            if generator.chance(0.02), !listener.assignments.isEmpty {
                let index = Int.random(in: 0..<Self.partitions, using: &generator)
                let back = Int64.random(in: 0...min(next[index], 2_000), using: &generator)
                next[index] -= back
                rewound += Int(back)
                try consumer.seek([PartitionOffset(topicPartition: all[index], offset: next[index])])
            }
        }
        #expect(faults == 0 && read == Self.records + rewound)
        #expect(next.reduce(0, +) == Int64(Self.records))
        #expect(flips > 100 && listener.rewinds.isEmpty && listener.revocations.isEmpty)
        consumer.close(within: .seconds(10))
    }

    private func fill(_ cluster: MockCluster) throws {
        let producer = try cluster.producer()
        for number in 0..<Self.records {
            let key = withUnsafeBytes(of: UInt32(number)) { Array($0) }
            try producer.send("storm", key: key, value: [1], token: UInt64(number))
            if number % 1_000 == 999 { _ = try producer.flush(timeout: .seconds(20)) { _ in } }
        }
    }
}
