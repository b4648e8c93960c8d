import Kafka
import Testing

/// What librdkafka makes of the broker's errors, and what our flags say: the table the core's decisions rest on.
struct TransactionalProducerTests {
    enum Verdict { case succeeds, aborts, fatal }

    static let answers: [(request: MockCluster.Request, code: Int32, verdict: Verdict)] = [
        // 14 COORDINATOR_LOAD_IN_PROGRESS, 16 NOT_COORDINATOR, 51 CONCURRENT_TRANSACTIONS: tried again inside.
        (.addPartitions, 51, .succeeds), (.addPartitions, 14, .succeeds), (.endTransaction, 16, .succeeds),
        // 47 INVALID_PRODUCER_EPOCH, 90 PRODUCER_FENCED: a twin has taken over.
        (.addPartitions, 47, .fatal), (.addPartitions, 90, .fatal), (.endTransaction, 90, .fatal),
        // 48 INVALID_TXN_STATE, 53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED.
        (.endTransaction, 48, .fatal), (.addPartitions, 53, .fatal),
        // 10 MESSAGE_TOO_LARGE, 29 TOPIC_AUTHORIZATION_FAILED: the record's fault, the producer lives.
        (.produce, 10, .aborts), (.addPartitions, 29, .aborts),
        // 45 OUT_OF_ORDER_SEQUENCE_NUMBER
        (.produce, 45, .fatal),
    ]

    /// A request may not take longer than a transaction: librdkafka refuses the client else.
    @Test func aTransactionMayBeShort() throws {
        _ = try TransactionalProducer(
            ProducerSettings(kafka: KafkaSettings(brokers: "127.0.0.1:1", clientID: "test")), transactionalID: "test",
            transactionTimeout: .seconds(1))
    }

    @Test(.timeLimit(.minutes(5)), arguments: answers)
    func decidesByFlags(_ row: (request: MockCluster.Request, code: Int32, verdict: Verdict)) throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        let producer = try makeProducer(cluster)
        let topic = try producer.topic("out")
        try producer.begin()
        cluster.fail(row.request, with: [row.code])
        let error = attempt { () throws(KafkaError) in
            try send([1], to: topic, producer)
            try producer.commit(timeout: .seconds(20))
        }
        switch row.verdict {
        case .succeeds: #expect(error == nil)
        case .fatal: #expect(error?.isFatal == true)
        case .aborts:
            #expect(error?.isFatal == false && error?.requiresAbort == true)
            try producer.abort(timeout: .seconds(20))
            try producer.begin()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func remembersWhyARecordWasRefusedAndForgetsItOnAbort() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        let producer = try makeProducer(cluster)
        let topic = try producer.topic("out")
        try producer.begin()
        cluster.fail(.produce, with: [10])
        producer.tag = 7
        try send([1], to: topic, producer)
        _ = attempt { () throws(KafkaError) in try producer.commit(timeout: .seconds(20)) }
        #expect(
            producer.deliveryFailure?.code == "MSG_SIZE_TOO_LARGE" && producer.deliveryFailure?.refusesRecord == true)
        try producer.abort(timeout: .seconds(20))
        #expect(producer.deliveryFailure == nil && producer.refusedTags == [7])
        try producer.begin()
        #expect(producer.refusedTags.isEmpty)
    }

    /// Of a refused batch only one record may be named, and the others be reported before it.
    @Test(.timeLimit(.minutes(5)))
    func aRefusalCountsMoreThanAnErrorBeforeIt() throws {
        let cluster = try MockCluster()
        for topic in ["one", "two"] { cluster.createTopic(topic) }
        let producer = try makeProducer(cluster)
        let topics = try ["one", "two"].map { try producer.topic($0) }
        try producer.begin()
        // 29 TOPIC_AUTHORIZATION_FAILED, 87 INVALID_RECORD; both requests are on their way before the first answer.
        cluster.fail(.produce, with: [29, 87], delay: .milliseconds(200))
        for (tag, topic) in topics.enumerated() {
            producer.tag = tag
            try send([1], to: topic, producer)
        }
        try eventually({ producer.unsettled == 0 }) {}
        #expect(cluster.pendingFailures(of: .produce) == 0)
        #expect(producer.deliveryFailure?.code == "INVALID_RECORD" && producer.refusedTags.count == 1)
    }

    /// A queue that nothing leaves must not hold up its owner for ever.
    @Test(.timeLimit(.minutes(1)))
    func aFullQueueEndsInAnErrorThatAnAbortMendsAndBeatsUntilThen() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        let producer = try makeProducer(cluster, queuedRecords: 10)
        let topic = try producer.topic("out")
        var beats = 0
        producer.queueTimeout = .milliseconds(300)
        producer.goesOnWaiting = {
            beats += 1
            return true
        }
        try producer.begin()
        cluster.setLeader(of: "out", broker: nil)
        let start = ContinuousClock.now
        let error = attempt { () throws(KafkaError) in
            for _ in 0..<11 { try send([1], to: topic, producer) }
        }
        #expect(error?.code == "_QUEUE_FULL" && error?.isFatal == false && beats > 1)
        #expect((.milliseconds(300) ..< .seconds(8)).contains(ContinuousClock.now - start))

        producer.goesOnWaiting = { false }
        #expect(attempt { () throws(KafkaError) in try send([1], to: topic, producer) }?.code == "_QUEUE_FULL")

        cluster.setLeader(of: "out", broker: 1)
        try producer.abort(timeout: .seconds(20))
        try producer.begin()
        try send([2], to: topic, producer)
        try producer.commit(timeout: .seconds(20))
    }

    /// What lets a start look for a stop in between: a call that has timed out, or failed, goes on with the next one.
    @Test(.timeLimit(.minutes(5)))
    func initialisesInSlices() throws {
        let cluster = try MockCluster()
        cluster.createTopic("out")
        // 14 COORDINATOR_LOAD_IN_PROGRESS
        cluster.fail(.initProducerID, with: [14, 14])
        let producer = try TransactionalProducer(
            ProducerSettings(kafka: cluster.settings), transactionalID: "test", transactionTimeout: .seconds(10))
        var failures: [KafkaError] = []
        var isReady = false
        try eventually({ isReady }) {
            let failure = attempt { () throws(KafkaError) in
                try producer.initTransactions(timeout: .milliseconds(1))
            }
            if let failure { failures.append(failure) }
            isReady = failure == nil
        }
        #expect(failures.allSatisfy { !$0.isFatal })
        #expect(failures.contains { $0.code == "_TIMED_OUT" && $0.isRetriable })
        try producer.begin()
    }

    private func makeProducer(
        _ cluster: MockCluster, queuedRecords: Int = 200_000
    ) throws -> TransactionalProducer {
        var settings = ProducerSettings(kafka: cluster.settings)
        settings.linger = .zero
        settings.queuedRecords = queuedRecords
        let producer = try TransactionalProducer(
            settings, transactionalID: "test", transactionTimeout: .seconds(10))
        try producer.initTransactions(timeout: .seconds(20))
        return producer
    }

    private func send(_ value: [UInt8], to topic: TopicHandle, _ producer: TransactionalProducer) throws(KafkaError) {
        let outcome = value.withUnsafeBytes { bytes in
            attempt { () throws(KafkaError) in
                try producer.send(to: topic, key: nil, value: bytes) { $0.add("ce_specversion", "1.0") }
            }
        }
        if let outcome { throw outcome }
    }

    private func attempt(_ body: () throws(KafkaError) -> Void) -> KafkaError? {
        do throws(KafkaError) { try body() } catch { return error }
        return nil
    }
}
