import Kafka
import Telemetry
import TestKit
import Testing

@testable import Core

struct OutputsTests {
    /// It cannot happen; if it did, no event may be committed without its notification.
    @Test(.timeLimit(.minutes(1)))
    func aChannelWhoseTopicWasNotOpenedEndsTheProcess() throws {
        let cluster = try MockCluster()
        for topic in ["order.events", "events.dlq"] { cluster.createTopic(topic) }
        let directory = TemporaryDirectory()
        let configuration = try CoreRun.load(
            "topics: { inputs: [order.events] }\nstatus: false\n", cluster,
            "routes: [{ event: a, notify: [{ channel: email, to: [email], template: order-created }] }]", directory)
        let settings = configuration.settings
        let producer = try TransactionalProducer(
            ProducerSettings(kafka: settings.kafka), transactionalID: "test", transactionTimeout: .seconds(10))
        let tracing = CoreTracing(settings, tracer: nil)
        let outputs = try Outputs(settings, channels: [], producer: producer, tracing: tracing, timeout: .seconds(10))
        let metrics = CoreMetrics(MetricsRegistry(), group: settings.group, inputs: settings.inputs)
        let mapping = Mapping(configuration, outputs: outputs, metrics: metrics, tracing: tracing)

        let events = try IdempotentProducer(ProducerSettings(kafka: settings.kafka))
        let event = Array(CoreRun.events(0..<1)[0].utf8)
        try events.send(topic: "order.events", key: nil, value: event, headers: RecordHeaders(), token: 0)
        #expect(try events.flush(timeout: .seconds(20), { _ in }))
        let reader = try TopicReader(settings.kafka, topic: "order.events", timeout: .seconds(10))
        var failure: KafkaError?
        let end = ContinuousClock.now + .seconds(20)
        while failure == nil, ContinuousClock.now < end {
            reader.poll(timeout: .milliseconds(50), maximum: 1) { record in
                do throws(KafkaError) { try mapping.process(record, .map, refusal: nil) } catch { failure = error }
            }
        }
        #expect(failure?.isFatal == true)
    }
}
