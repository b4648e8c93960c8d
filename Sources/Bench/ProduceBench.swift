import Events
import JSONBytes
import Kafka
import Notifications
import Routing
import Tracing

/// Handing a notification with its headers to the transactional producer, against librdkafka's mock cluster. The
/// cluster and the client's own threads run in this process, but only the calling thread is counted.
enum ProduceBench {
    private static let recordsPerTransaction = 2_000

    static func run(_ options: BenchOptions) throws {
        for directory in options.directories {
            var bytes = 0
            let cost = try measure(directory, options.rounds, &bytes)
            cost.print("produce \(directory) order.created", detail: "\(bytes) bytes")
        }
    }

    /// Sends the first notification of an order again and again; `bytes` then is its size.
    static func measure(_ directory: String, _ rounds: Int, _ bytes: inout Int) throws -> Cost {
        var output = MappedOutput()
        var mapper = try Workload.mapper(directory)
        Sample(type: "order.created", form: .plain).withRecord { _ = mapper.map($0, into: &output) }
        guard let record = output.records.first else { throw BenchError(message: "no notification of order.created") }
        bytes = record.value.count
        let cluster = try MockCluster()
        cluster.createTopic("out", partitions: 4)
        let producer = try TransactionalProducer(
            ProducerSettings(kafka: KafkaSettings(brokers: cluster.brokers, clientID: "bench")),
            transactionalID: "bench", transactionTimeout: .seconds(30))
        try producer.initTransactions(timeout: .seconds(30))
        let topic = try producer.topic("out")
        var run = ProducerRun(producer: producer, topic: topic)
        try run.transaction(record, output, recordsPerTransaction)
        run.meter = Meter()
        let transactions = (rounds + recordsPerTransaction - 1) / recordsPerTransaction
        for _ in 0..<transactions { try run.transaction(record, output, recordsPerTransaction) }
        return run.meter.cost(transactions * recordsPerTransaction)
    }
}

/// Transactions of one and the same record.
private struct ProducerRun {
    let producer: TransactionalProducer
    let topic: TopicHandle
    var meter = Meter()
    private var ids = SpanIDs(seed: 1)
    private var trace = Traceparent()

    init(producer: TransactionalProducer, topic: TopicHandle) {
        self.producer = producer
        self.topic = topic
    }

    mutating func transaction(_ record: MappedRecord, _ output: borrowing MappedOutput, _ count: Int) throws {
        try producer.begin()
        meter.start()
        for _ in 0..<count { try send(record, output.bytes) }
        meter.stop()
        try producer.commit(timeout: .seconds(30))
    }

    /// With the headers of a notification, as the core sends it.
    private mutating func send(_ record: MappedRecord, _ bytes: borrowing ByteBuffer) throws(KafkaError) {
        let (key, value) = (bytes[record.key], bytes[record.value])
        let id = bytes[record.id]
        trace.set(ids.nextTrace(), flags: SpanContext.sampledFlag)
        let span = ids.next()
        try producer.send(to: topic, key: key, value: value) { headers in
            headers.add(WireHeader.specVersion.name, WireHeader.specVersionValue)
            headers.add(WireHeader.id.name, id)
            headers.add(WireHeader.source.name, WireHeader.sourceValue)
            headers.add(WireHeader.type.name, "notification.email")
            headers.add(WireHeader.contentType.name, WireHeader.contentTypeValue)
            trace.withSpan(span) { headers.add(WireHeader.traceparent.name, $0) }
        }
    }
}
