import Kafka
import Synchronization
import Testing

struct IdempotentProducerTests {
    @Test(.timeLimit(.minutes(5)))
    func sendsEverythingAgainAfterAFatalError() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        let producer = try cluster.producer()
        try producer.warmUp(topic: "out")
        // A sequence that is out of order is fatal to a client: 45 OUT_OF_ORDER_SEQUENCE_NUMBER.
        cluster.fail(.produce, with: [45])
        for token in UInt64(1)...5 { try producer.send("out", key: nil, value: [UInt8(token)], token: token) }
        var reports: [UInt64: [String?]] = [:]
        #expect(try producer.flush(timeout: .seconds(20)) { reports[$0.token, default: []].append($0.error?.code) })
        #expect(reports == [1: [nil], 2: [nil], 3: [nil], 4: [nil], 5: [nil]])
        #expect(producer.rebuilds == 1 && producer.pendingCount == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func reportsARecordThatTheBrokerRefuses() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        let woken = Mutex(false)
        let producer = try cluster.producer { woken.withLock { $0 = true } }
        try producer.warmUp(topic: "out")
        // 10 MESSAGE_TOO_LARGE.
        cluster.fail(.produce, with: [10])
        try producer.send("out", key: nil, value: [1], token: 7)
        var codes: [String?] = []
        try eventually({ woken.withLock { $0 } }) {
            _ = try producer.flush(timeout: .milliseconds(50)) { codes.append($0.error?.code) }
        }
        #expect(try producer.flush(timeout: .seconds(10)) { codes.append($0.error?.code) })
        #expect(codes == ["MSG_SIZE_TOO_LARGE"])
        let error = #expect(throws: KafkaError.self) {
            try producer.send("out", key: nil, value: Array(repeating: 0, count: 5 << 20), token: 8)
        }
        #expect(error?.refusesRecord == true && producer.pendingCount == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func aFullQueueIsRetriable() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        var settings = ProducerSettings(kafka: cluster.settings)
        settings.queuedRecords = 2
        settings.linger = .seconds(1)
        let producer = try IdempotentProducer(settings)
        let error = #expect(throws: KafkaError.self) {
            for token in UInt64(0)..<10 { try producer.send("out", key: nil, value: [1], token: token) }
        }
        #expect(error?.code == "_QUEUE_FULL" && error?.isRetriable == true && error?.isFatal == false)
        var tokens: [UInt64] = []
        let flushed = try producer.flush(timeout: .seconds(20)) { tokens.append($0.token) }
        #expect(flushed && tokens == [0, 1])
    }
}
