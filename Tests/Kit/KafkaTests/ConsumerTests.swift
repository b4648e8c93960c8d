import Lifecycle
import Testing

@testable import Kafka

struct ConsumerTests {
    /// One join to the mock's group takes three seconds, so that one test walks through a consumer's life.
    @Test(.timeLimit(.minutes(5)))
    func readsCommitsSeeksAndHandsOverWithMetadata() throws {
        let cluster = try MockCluster()
        cluster.createTopic("events")
        cluster.createTopic("other")
        try fill(cluster)

        let listener = RecordingListener()
        let answered = Latch()
        let first = try cluster.consumer(group: "g", listener: listener) { answered.open() }
        try first.subscribe(["other", "events"])
        var records: [OwnedRecord] = []
        try eventually({ records.count == 4 }) {
            _ = try first.poll(timeout: .milliseconds(100), maximum: 2) { record in
                #expect(record.topic == 1)
                records.append(OwnedRecord(copying: record))
            }
        }
        #expect(records.map(\.key) == [nil, [], [1], [2]])
        #expect(records.map(\.value) == [[], nil, [7], [8, 9]])
        #expect(records.map(\.offset) == [0, 1, 2, 3])
        #expect(records[0].headers.list.map(\.value) == [Array("x".utf8), [], nil])
        #expect(records[3].topic == "events" && records[3].timestamp > 1_600_000_000_000)

        // A rewind gives the same records again, by either way of polling.
        let events = TopicPartition(topic: "events", partition: 0)
        try first.seek([PartitionOffset(topicPartition: events, offset: 2)])
        var again: [Int64] = []
        var refusals = 0
        try eventually({ again.count == 2 }) {
            _ = try first.pollBatch(timeout: .milliseconds(100)) { record in
                // What is not taken comes again.
                if record.offset == 3, refusals < 2 {
                    refusals += 1
                    return .stop
                }
                again.append(record.offset)
                return .goOn
            }
        }
        #expect(again == [2, 3] && refusals == 2)
        #expect(listener.rewinds.isEmpty)
        #expect(first.assignment.sorted { $0.topic < $1.topic }.map(\.topic) == ["events", "other"])
        try eventually({ first.progress(of: events)?.end == 4 }) {
            _ = try first.poll(timeout: .milliseconds(10), maximum: 1) { _ in }
        }

        try first.commit(
            [PartitionOffset(topicPartition: events, offset: 2, metadata: "early")], synchronously: false)
        // The answer needs no poll, which could hand out records.
        try eventually({ listener.commits.count == 1 }) {
            answered.wait(timeout: .milliseconds(10))
            first.takeCommitAnswers()
        }
        #expect(answered.isOpen && listener.commits == [nil])
        #expect(listener.committed == [PartitionOffset(topicPartition: events, offset: 2, metadata: "early")])
        // The last word is a commit from inside of the revocation.
        listener.onRevoke = {
            let place = PartitionOffset(topicPartition: events, offset: 3, metadata: "AAE=")
            #expect(throws: Never.self) { try first.commit([place], synchronously: true) }
        }
        #expect(first.close(within: .seconds(10)))
        #expect(listener.revocations.count == 1 && listener.revocations.first?.lost == false)

        let heir = RecordingListener()
        let second = try cluster.consumer(group: "g", listener: heir)
        try second.subscribe(["events"])
        var rest: [Int64] = []
        try eventually({ !rest.isEmpty }) {
            _ = try second.poll(timeout: .milliseconds(100), maximum: 10) { rest.append($0.offset) }
        }
        #expect(rest == [3])
        #expect(heir.assignments == [[PartitionOffset(topicPartition: events, offset: 3, metadata: "AAE=")]])
        second.close(within: .seconds(10))
        // After the end a wake does nothing.
        second.waker.wake()
    }

    /// librdkafka refuses an answer that would be smaller than a record may be.
    @Test func takesLargerRecordsOfTheUsers() throws {
        var settings = ConsumerSettings(kafka: KafkaSettings(brokers: "127.0.0.1:1", clientID: "test"), group: "g")
        settings.kafka.properties = [("message.max.bytes", "10000000")]
        #expect(throws: Never.self) { try Consumer(settings) }
    }

    /// A batch is asked for when records of a partition are there already, and its revocation is.
    @Test(.timeLimit(.minutes(5)))
    func handsOutNothingThatIsTakenAwayWhileABatchIsFilled() throws {
        let cluster = try MockCluster()
        cluster.createTopic("events")
        let (areFetched, isRevoked) = (Latch(), Latch())
        var settings = cluster.consumerSettings(group: "g")
        settings.kafka.properties = [("debug", "cgrp,msg")]
        settings.kafka.log = { line in
            if line.message.contains("fetch queue"), line.message.contains("last_offset 99") { areFetched.open() }
            if line.message.contains("delegating revoke") { isRevoked.open() }
        }
        let listener = RecordingListener()
        let first = try Consumer(settings, listener: listener)
        try first.subscribe(["events"])
        try eventually({ !listener.assignments.isEmpty }) {
            _ = try first.poll(timeout: .milliseconds(50), maximum: 1) { _ in }
        }
        var taken: [Int64] = []
        func poll(_ consumer: Consumer) throws {
            _ = try consumer.pollBatch(timeout: .milliseconds(10)) { record in
                taken.append(record.offset)
                return .goOn
            }
        }
        var countAtRevocation: Int?
        listener.onRevoke = { countAtRevocation = countAtRevocation ?? taken.count }

        let producer = try cluster.producer(linger: .milliseconds(100))
        for number in 0..<100 { try producer.send("events", key: nil, value: [1], token: UInt64(number)) }
        #expect(try producer.flush(timeout: .seconds(10)) { _ in })
        #expect(areFetched.wait(timeout: .seconds(10)))
        let second = try cluster.consumer(group: "g", listener: RecordingListener())
        try second.subscribe(["events"])
        #expect(isRevoked.wait(timeout: .seconds(20)))
        try eventually({ countAtRevocation.map { taken.count >= $0 + 100 } == true }) {
            try poll(first)
            try poll(second)
        }
        // Nothing is committed: whoever gets the partition reads all of it.
        #expect(Array(taken.dropFirst(countAtRevocation ?? 0)) == Array(0..<100))
        first.close(within: .seconds(10))
        second.close(within: .seconds(10))
    }

    @Test(.timeLimit(.minutes(5)))
    func wakesFromAnotherThreadAndPauses() throws {
        let cluster = try MockCluster()
        cluster.createTopic("events")
        let listener = RecordingListener()
        let consumer = try cluster.consumer(group: "g", listener: listener)
        try consumer.subscribe(["events"])
        try eventually({ !listener.assignments.isEmpty }) {
            _ = try consumer.poll(timeout: .milliseconds(50), maximum: 1) { _ in }
        }
        let events = TopicPartition(topic: "events", partition: 0)
        try consumer.pause([events])
        let producer = try cluster.producer()
        try producer.send("events", key: nil, value: [1], token: 1)
        #expect(try producer.flush(timeout: .seconds(10)) { _ in })
        var seen = 0
        let waker = consumer.waker
        let start = ContinuousClock.now
        let thread = OSThread(name: "waker") { waker.wake() }
        _ = try consumer.poll(timeout: .seconds(20), maximum: 1) { _ in seen += 1 }
        #expect(seen == 0 && ContinuousClock.now - start < .seconds(15))
        thread.join()
        try consumer.resume([events])
        try eventually({ seen == 1 }) {
            _ = try consumer.poll(timeout: .milliseconds(50), maximum: 1) { _ in seen += 1 }
        }
        // 1 OFFSET_OUT_OF_RANGE: the log was made anew; reading goes on from its start, and nothing of it is dropped.
        var anew: [Int64] = []
        var turns = 0
        try eventually({ !anew.isEmpty }) {
            // The error of a fetch that was under way at the resume is outdated and ignored: hence again and again.
            if turns % 20 == 0 { cluster.fail(.fetch, with: [1]) }
            turns += 1
            _ = try consumer.pollBatch(timeout: .milliseconds(50)) {
                anew.append($0.offset)
                return .goOn
            }
        }
        #expect(anew.first == 0 && listener.rewinds.first == PartitionOffset(topicPartition: events, offset: 0))
        // Records that wait inside of librdkafka do not disturb the end.
        for token in UInt64(2)...50 { try producer.send("events", key: nil, value: [1], token: token) }
        try eventually({ seen == 2 }) {
            _ = try consumer.poll(timeout: .milliseconds(50), maximum: 1) { _ in seen += 1 }
        }
        #expect(consumer.close(within: .seconds(10)))
    }

    private func fill(_ cluster: MockCluster) throws {
        var headers = RecordHeaders()
        headers.append("h", "x")
        headers.append("h", [])
        headers.append("null", nil)
        let producer = try cluster.producer()
        try producer.send("events", key: nil, value: [], headers: headers, token: 1)
        try producer.send("events", key: [], value: nil, token: 2)
        try producer.send("events", key: [1], value: [7], token: 3)
        try producer.send("events", key: [2], value: [8, 9], token: 4)
        var tokens: [UInt64] = []
        #expect(try producer.flush(timeout: .seconds(10)) { tokens.append($0.token) })
        #expect(tokens == [1, 2, 3, 4])
    }
}
