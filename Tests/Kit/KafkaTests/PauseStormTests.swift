import Kafka
import TestKit
import Testing

/// Pauses, resumes and seeks lose nothing and repeat nothing, whenever they come.
@Suite(.timeLimit(.minutes(5)))
struct PauseStormTests {
    private static let partitions = 4

    /// What was read of each partition, compared with what had to come next.
    private struct Ledger {
        var next: [Int64]
        var read = 0
        /// The first few records that had to be others.
        var faults: [String] = []

        mutating func take(_ partition: Int32, _ offset: Int64) {
            let expected = next[Int(partition)]
            if offset != expected, faults.count < 10 {
                faults.append("\(offset) of partition \(partition) came for \(expected), after \(read) records")
            }
            next[Int(partition)] = offset + 1
            read += 1
        }
    }

    /// Pauses, resumes and seeks at random between polls of both kinds, with pauses of random length in between: every
    /// offset comes exactly once and in order, and again exactly once after each seek, which begins a new epoch.
    @Test func aStormOfPausesAndResumesLosesAndRepeatsNothing() throws {
        let records = 200_000
        let cluster = try MockCluster()
        cluster.createTopic("storm", partitions: Self.partitions)
        try fill(cluster, records)
        let all = (0..<Int32(Self.partitions)).map { TopicPartition(topic: "storm", partition: $0) }
        let listener = RecordingListener()
        let consumer = try cluster.consumer(group: "g", listener: listener)
        try consumer.subscribe(["storm"])
        var generator = SeededGenerator(seed: 11)
        var ledger = Ledger(next: [Int64](repeating: 0, count: Self.partitions))
        var (rewound, flips, readBefore, idle) = (0, 0, 0, 0)
        try eventually({ ledger.read >= records + rewound }, within: .seconds(200)) {
            if generator.chance(0.5) {
                let batch = Int.random(in: 1...2_000, using: &generator)
                _ = try consumer.poll(timeout: .milliseconds(5), maximum: batch) {
                    ledger.take($0.partition, $0.offset)
                }
            } else {
                let stop = Int.random(in: 1...2_000, using: &generator)
                var count = 0
                _ = try consumer.pollBatch(timeout: .milliseconds(5)) { record in
                    count += 1
                    guard count < stop else { return .stop }
                    ledger.take(record.partition, record.offset)
                    return .goOn
                }
            }
            // Without progress in between nothing would ever arrive: a pause or resume drops what was fetched.
            idle = ledger.read == readBefore ? idle + 1 : 0
            readBefore = ledger.read
            guard idle == 0 || idle > 10 else { return }
            try consumer.resume(all.filter { _ in generator.chance(0.5) })
            try consumer.pause(all.filter { _ in generator.chance(0.25) })
            flips += 1
            if generator.chance(0.02), !listener.assignments.isEmpty {
                let index = Int.random(in: 0..<Self.partitions, using: &generator)
                let back = Int64.random(in: 0...min(ledger.next[index], 2_000), using: &generator)
                ledger.next[index] -= back
                rewound += Int(back)
                try consumer.seek([PartitionOffset(topicPartition: all[index], offset: ledger.next[index])])
            }
        }
        // A member that the group takes for dead on a busy machine reads everything again, and rightly so.
        try #require(listener.revocations.isEmpty)
        #expect(ledger.faults.isEmpty && ledger.read == records + rewound)
        #expect(ledger.next.reduce(0, +) == Int64(records))
        #expect(flips > 100 && listener.rewinds.isEmpty)
        consumer.close(within: .seconds(10))
    }

    /// Where a group without committed offsets begins is looked up, which takes its time. Whoever pauses and resumes
    /// meanwhile must not make librdkafka look it up again later, behind records that were read.
    @Test func pausesBeforeTheFirstRecordRepeatNothing() throws {
        let cluster = try MockCluster()
        cluster.createTopic("storm", partitions: Self.partitions)
        try fill(cluster, 10_000)
        let all = (0..<Int32(Self.partitions)).map { TopicPartition(topic: "storm", partition: $0) }
        let listener = RecordingListener()
        let consumer = try cluster.consumer(group: "g", listener: listener)
        var ledger = Ledger(next: [Int64](repeating: 0, count: Self.partitions))
        func poll(_ maximum: Int) throws -> Int {
            try consumer.poll(timeout: .milliseconds(20), maximum: maximum) { ledger.take($0.partition, $0.offset) }
        }
        func flip() throws {
            try consumer.pause(all)
            try consumer.resume(all)
        }
        cluster.setRoundTrip(.milliseconds(200))
        try consumer.subscribe(["storm"])
        try eventually({ !listener.assignments.isEmpty }) { _ = try poll(1) }
        for _ in 0..<40 {
            try flip()
            _ = try poll(1)
        }
        cluster.setRoundTrip(.zero)
        // For longer than librdkafka waits before it asks again, which is half a second.
        let end = ContinuousClock.now + .seconds(2)
        try eventually({ ledger.read >= 200 && end < .now }, within: .seconds(60)) {
            if try poll(20) > 0 { try flip() }
        }
        #expect(ledger.faults.isEmpty && listener.rewinds.isEmpty)
        consumer.close(within: .seconds(10))
    }

    private func fill(_ cluster: MockCluster, _ records: Int) throws {
        // The mock cluster gives out one batch at a time: batches of one record, which a producer that is slow by chance
        // makes, would be read more slowly than they are rewound.
        let producer = try cluster.producer(linger: .milliseconds(20))
        for number in 0..<records {
            let key = withUnsafeBytes(of: UInt32(number)) { Array($0) }
            try producer.send("storm", key: key, value: [1], token: UInt64(number))
            if number % 1_000 == 999 { _ = try producer.flush(timeout: .seconds(20)) { _ in } }
        }
    }
}
