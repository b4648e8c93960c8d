import Kafka
import Testing

struct LogReaderTests {
    @Test(.timeLimit(.minutes(1)))
    func readsExactlyTheSpans() throws {
        let cluster = try MockCluster()
        cluster.createTopic("letters", partitions: 2)
        let producer = try cluster.producer()
        for number in UInt8(0)..<40 {
            try producer.send("letters", key: [number], value: [number], token: UInt64(number))
        }
        #expect(try producer.flush(timeout: .seconds(10)) { _ in })
        let reader = try LogReader(cluster.settings)
        let partitions = (0..<2).map { TopicPartition(topic: "letters", partition: Int32($0)) }
        let bounds = try partitions.map { try reader.bounds(of: $0) }
        #expect(bounds.map(\.lowerBound) == [0, 0] && bounds.map(\.count).reduce(0, +) == 40)

        var seen: [Int32: [Int64]] = [:]
        let spans = zip(partitions, bounds).map { LogReader.Span($0, 2..<$1.upperBound - 1) }
        try reader.read(spans) { record in
            seen[record.partition, default: []].append(record.offset)
            return .goOn
        }
        #expect(seen[0] == Array(2..<bounds[0].upperBound - 1) && seen[1] == Array(2..<bounds[1].upperBound - 1))

        var count = 0
        try reader.read(spans) { _ in
            count += 1
            return count == 3 ? .stop : .goOn
        }
        #expect(count == 3)
    }

    @Test(.timeLimit(.minutes(1)))
    func followsUntilItIsToldToStop() throws {
        let cluster = try MockCluster()
        cluster.createTopic("letters")
        let producer = try cluster.producer()
        let reader = try LogReader(cluster.settings)
        let partition = TopicPartition(topic: "letters", partition: 0)
        var values: [UInt8] = []
        var isSent = false
        try reader.read([.init(partition, 0 ..< .max)]) {
            if !isSent {
                isSent = true
                try? producer.send("letters", key: nil, value: [9], token: 1)
            }
            try? producer.poll(timeout: .zero) { _ in }
            return values.isEmpty ? .goOn : .stop
        } _: { record in
            values += record.value.map { [UInt8]($0) } ?? []
            return .goOn
        }
        #expect(values == [9])
    }
}
