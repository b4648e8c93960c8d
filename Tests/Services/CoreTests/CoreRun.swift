import CommandLineKit
import Core
import Kafka
import Lifecycle
import Settings
import Synchronization
import Telemetry
import TestKit

/// The service on a thread of its own with a mock cluster, and eyes on every output topic.
final class CoreRun {
    static let inputs = ["order.events", "payment.events", "user.events"]
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
    private let directory = TemporaryDirectory()
    private let registry = MetricsRegistry()
    private let text: String

    private final class ExitBox: Sendable {
        let code = Mutex<ExitCode?>(nil)
        let done = Latch()
    }

    /// - Parameters:
    ///   - topics: what exists; by default everything that the shipped routes need.
    ///   - partitions: of each topic.
    ///   - brokers: how many the cluster has.
    ///   - watched: the output topics to look at; by default all that exist.
    ///   - routes: a table of one's own, instead of the shipped one.
    ///   - settings: more lines of `core.yaml`.
    ///   - prepare: runs before the core starts.
    init(
        topics: [String] = inputs + outputs, partitions: Int = 2, brokers: Int = 1, watched: [String] = outputs,
        routes: String? = nil, settings: String = "", prepare: (CoreRun) throws -> Void = { _ in }
    ) throws {
        cluster = try MockCluster(brokers: brokers)
        for topic in topics { cluster.createTopic(topic, partitions: partitions) }
        let startup = topics.count > 1 ? "20s" : "300ms"
        text = "kafka:\n  fetch.wait.max.ms: 10\n  session.timeout.ms: 3500\nstartup_timeout: \(startup)\n" + settings
        let service = CoreService(registry: registry)
        let configuration = try Self.load(text, cluster, routes, directory)
        let context = ServiceContext<CoreConfiguration>(process: ProcessSettings(serviceName: "core-test"))
        self.context = context
        producer = try IdempotentProducer(
            ProducerSettings(kafka: KafkaSettings(brokers: cluster.brokers, clientID: "test")))
        if topics.count > 1 {
            for topic in watched where topics.contains(topic) { try read(topic) }
        }
        try prepare(self)
        let exitCode = exitCode
        _ = OSThread(name: "core") {
            let code = service.run(configuration, context: context)
            exitCode.code.withLock { $0 = code }
            exitCode.done.open()
        }
    }

    /// The sum of a metric's samples whose labels contain the text.
    func metric(_ name: String, _ label: String = "") -> Int {
        var text: [UInt8] = []
        registry.render(into: &text)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix(name), line.contains(label), let value = line.split(separator: " ").last else {
                return sum
            }
            return sum + Int(Double(value) ?? 0)
        }
    }

    /// The configuration with the table, or with the shipped one.
    static func load(
        _ text: String, _ cluster: MockCluster, _ routes: String?, _ directory: TemporaryDirectory
    ) throws -> CoreConfiguration {
        let file = Repository.path("config/core.yaml")
        var environment = ["KAFKA_BROKERS": cluster.brokers]
        if let routes { environment["ROUTING_FILE"] = directory.write("routing.yaml", routes) }
        let reader = SettingsReader(file: file, node: try YAMLNode.parse(text, file: file), environment: environment)
        let configuration = try CoreService().load(reader)
        try reader.finish()
        return configuration
    }

    /// As SIGHUP does after the table has changed.
    func reload(routes: String) throws {
        context.reload(try Self.load(text, cluster, routes, directory))
    }

    /// Makes an output topic that was not there, and looks at it from now on.
    func createTopic(_ topic: String) throws {
        cluster.createTopic(topic, partitions: 2)
        try read(topic)
    }

    private func read(_ topic: String) throws {
        readers[topic] = try TopicReader(
            KafkaSettings(brokers: cluster.brokers, clientID: "test"), topic: topic, timeout: .seconds(10))
    }

    /// Publishes events to `order.events` and waits until they are stored.
    func publish(_ events: [String]) throws {
        for event in events {
            try producer.send(
                topic: "order.events", key: nil, value: Array(event.utf8), headers: RecordHeaders(), token: published)
            published += 1
        }
        guard try producer.flush(timeout: .seconds(20), { _ in }) else { throw Timeout(seen: [:]) }
    }

    func records(_ topic: String) -> [OwnedRecord] { seen[topic] ?? [] }

    /// Forgets what was seen of the outputs.
    func forget() { seen = [:] }

    /// Reads the outputs until each topic has that many records.
    func wait(_ counts: [String: Int]) throws {
        try wait(until: { counts.allSatisfy { self.records($0.key).count >= $0.value } })
    }

    /// Reads until the topic has that many different records; doubles come of transactions that were aborted.
    func waitForDistinct(_ topic: String, _ count: Int) throws {
        try wait(until: { Set(self.records(topic).map(\.value)).count >= count })
    }

    /// Reads the outputs until the condition holds.
    func wait(until condition: () -> Bool) throws {
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
