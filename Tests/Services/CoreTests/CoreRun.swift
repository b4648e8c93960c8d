import CommandLineKit
import Core
import Kafka
import Lifecycle
import Settings
import Synchronization
import TestKit

/// The service on a thread of its own with a mock cluster, and eyes on every output topic.
final class CoreRun {
    static let outputs =
        ["email", "sms", "webhook", "slack"].map { "notifications.\($0)" } + ["events.dlq", "notifications.status"]

    struct Timeout: Error { let seen: [String: Int] }

    let cluster: MockCluster
    private let context: ServiceContext<CoreConfiguration>
    private let exitCode = ExitBox()
    private let producer: IdempotentProducer
    private var readers: [String: TopicReader] = [:]
    private var seen: [String: [OwnedRecord]] = [:]
    private var published: UInt64 = 0

    private final class ExitBox: Sendable {
        let code = Mutex<ExitCode?>(nil)
        let done = Latch()
    }

    /// - Parameter topics: what exists; by default everything that the core needs.
    init(topics: [String] = ["order.events", "payment.events", "user.events"] + outputs) throws {
        cluster = try MockCluster()
        for topic in topics { cluster.createTopic(topic, partitions: 2) }
        let file = Repository.path("config/core.yaml")
        let text =
            "kafka:\n  fetch.wait.max.ms: 10\n  session.timeout.ms: 3500\nstartup_timeout: \(topics.count > 1 ? "20s" : "300ms")\n"
        let node = try YAMLNode.parse(text, file: file)
        let reader = SettingsReader(file: file, node: node, environment: ["KAFKA_BROKERS": cluster.brokers])
        let service = CoreService()
        let configuration = try service.load(reader)
        try reader.finish()
        let context = ServiceContext<CoreConfiguration>(process: ProcessSettings(serviceName: "core-test"))
        self.context = context
        producer = try IdempotentProducer(
            ProducerSettings(kafka: KafkaSettings(brokers: cluster.brokers, clientID: "test")))
        if topics.count > 1 {
            for topic in Self.outputs {
                readers[topic] = try TopicReader(
                    KafkaSettings(brokers: cluster.brokers, clientID: "test"), topic: topic, timeout: .seconds(10))
            }
        }
        let exitCode = exitCode
        _ = OSThread(name: "core") {
            let code = service.run(configuration, context: context)
            exitCode.code.withLock { $0 = code }
            exitCode.done.open()
        }
    }

    /// Publishes events to `order.events` and waits until they are stored.
    func publish(_ events: [String]) throws {
        for event in events {
            try Array(event.utf8).withUnsafeBytes {
                try producer.send(
                    topic: "order.events", key: nil, value: $0, headers: RecordHeaders(), token: published)
            }
            published += 1
        }
        guard try producer.flush(timeout: .seconds(20), { _ in }) else { throw Timeout(seen: [:]) }
    }

    func records(_ topic: String) -> [OwnedRecord] { seen[topic] ?? [] }

    /// Reads the outputs until each topic has that many records.
    func wait(_ counts: [String: Int]) throws {
        try wait { counts.allSatisfy { self.records($0.key).count >= $0.value } }
    }

    /// Reads until the topic has that many different records; doubles come of transactions that were aborted.
    func waitForDistinct(_ topic: String, _ count: Int) throws {
        try wait { Set(self.records(topic).map(\.value)).count >= count }
    }

    private func wait(_ condition: () -> Bool) throws {
        let end = ContinuousClock.now + .seconds(40)
        while !condition() {
            guard ContinuousClock.now < end else { throw Timeout(seen: seen.mapValues(\.count)) }
            for (topic, reader) in readers {
                reader.poll(timeout: .milliseconds(5), maximum: 100) {
                    seen[topic, default: []].append(OwnedRecord(copying: $0))
                }
            }
        }
    }

    func stop() -> ExitCode? {
        context.requestStop()
        return waitForExit()
    }

    func waitForExit() -> ExitCode? {
        exitCode.done.wait(timeout: .seconds(30))
        return exitCode.code.withLock { $0 }
    }
}
