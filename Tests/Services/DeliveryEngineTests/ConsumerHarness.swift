import Delivery
import Kafka
import Lifecycle
import Notifications
import Synchronization
import Telemetry
import Time

@testable import DeliveryEngine

/// A mock cluster with a channel's topics, and consumers of it in this process.
final class ConsumerHarness {
    let cluster: MockCluster
    let transfer: ScriptedTransfer
    var settings: ChannelConsumerSettings
    private let producer: IdempotentProducer
    private var sent: UInt64 = 0

    static let shortTiers = [
        ChannelConsumerSettings.Tier(name: "200ms", delay: .milliseconds(200)),
        ChannelConsumerSettings.Tier(name: "400ms", delay: .milliseconds(400)),
    ]

    init(
        partitions: Int = 2, tiers: [ChannelConsumerSettings.Tier] = shortTiers,
        _ script: @escaping @Sendable (String, Int) -> Int?
    ) throws {
        cluster = try MockCluster()
        transfer = ScriptedTransfer(script)
        var kafka = KafkaSettings(brokers: cluster.brokers, clientID: "test")
        kafka.properties = [("session.timeout.ms", "3500"), ("fetch.wait.max.ms", "10"), ("linger.ms", "1")]
        settings = ChannelConsumerSettings(channel: .webhook, kafka: kafka)
        settings.tiers = tiers
        settings.retry.baseDelay = .milliseconds(5)
        settings.drainTimeout = .milliseconds(300)
        settings.startupTimeout = .seconds(20)
        settings.onAmbiguous = .dlq
        for topic in settings.topics { cluster.createTopic(topic, partitions: partitions) }
        producer = try IdempotentProducer(ProducerSettings(kafka: kafka))
    }

    // MARK: - Input

    /// Writes a notification; `expires` is an RFC 3339 time.
    func notify(
        _ id: String, to endpoint: String = "orders", key: String = "k", expires: String? = nil, padding: String = "",
        headers: RecordHeaders = ConsumerHarness.headers, topic: String? = nil, isFlushed: Bool = true
    ) throws {
        let expiry = expires.map { #","expires_at":"\#($0)""# } ?? ""
        let json =
            #"{"id":"\#(id)","channel":"webhook","event":{"id":"e-\#(id)","type":"t","source":"s"},"user_id":"u1","#
            + #""recipient":{"endpoint":"\#(endpoint)"},"content":{"data":1}\#(expiry)}\#(padding)"#
        try send(Array(json.utf8), key: key, headers: headers, topic: topic, isFlushed: isFlushed)
    }

    /// What every record comes with.
    static let headers: RecordHeaders = {
        var headers = RecordHeaders()
        headers.append("traceparent", "trace")
        headers.append("double", "1")
        headers.append("double", "2")
        return headers
    }()

    /// Writes a record, to the main topic unless another is named.
    func send(
        _ value: [UInt8]?, key: String = "k", headers: RecordHeaders = ConsumerHarness.headers, topic: String? = nil,
        isFlushed: Bool = true
    ) throws {
        let topic = topic ?? settings.topic
        sent += 1
        try producer.send(topic: topic, key: Array(key.utf8), value: value, headers: headers, token: sent)
        if isFlushed { _ = try producer.flush(timeout: .seconds(10)) { _ in } }
    }

    // MARK: - Consumers

    /// A consumer on a thread of its own.
    final class Running: Sendable {
        private struct State {
            var code: ExitCode?
            var reload: (@Sendable (any Channel) -> Void)?
            var health: EngineHealth?
        }

        let registry = MetricsRegistry()
        let stop = Latch()
        private let state = Mutex(State())
        private let thread = Mutex<OSThread?>(nil)

        func start(_ settings: ChannelConsumerSettings, _ parts: Parts) {
            let new = OSThread(name: "consumer") { [self] in
                let process = ConsumerProcess(
                    settings: settings, channel: parts.channel, registry: registry, stop: stop,
                    stallLimit: parts.stallLimit, wallClock: parts.wallClock, makeTransfer: parts.makeTransfer)
                state.withLock { state in
                    state.reload = process.reload
                    state.health = process.health
                }
                let code = process.run(beat: parts.beat)
                state.withLock { $0.code = code }
            }
            thread.withLock { $0 = new }
        }

        /// What `/livez` and `/readyz` say; `nil` before it runs.
        var liveness: String? { state.withLock { $0.health }?.liveness.text }
        var readiness: String? { state.withLock { $0.health }?.readiness.text }

        func reload(_ channel: FakeChannel = FakeChannel()) { state.withLock { $0.reload }?(channel) }

        /// Stops it as SIGTERM does, and waits.
        func end() -> ExitCode? {
            stop.open()
            thread.withLock { $0 }?.join()
            return code
        }

        /// How it ended, if it has.
        var code: ExitCode? { state.withLock { $0.code } }

        /// What `/metrics` says.
        var metrics: String {
            var bytes: [UInt8] = []
            registry.render(into: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }

        /// The sum of a metric's samples with all of these labels, such as `topic="t"`; `nil` where there is none.
        func metric(_ name: String, _ labels: String...) -> Int? { sum(name, labels).flatMap(Int.init(exactly:)) }

        /// The same of a metric that has fractions.
        func seconds(_ name: String, _ labels: String...) -> Double { sum(name, labels) ?? 0 }

        private func sum(_ name: String, _ labels: [String]) -> Double? {
            let samples = metrics.split(separator: "\n").filter { line in
                line.hasPrefix("notificationhub_\(name){") && labels.allSatisfy(line.contains)
            }
            let values = samples.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
            return values.isEmpty ? nil : values.reduce(0, +)
        }
    }

    /// What a consumer is made of beside its settings.
    struct Parts: Sendable {
        var channel: any Channel = FakeChannel()
        var makeTransfer: ConsumerProcess.MakeTransfer
        /// Called once a turn, on the consumer's thread.
        var beat: @Sendable () -> Void = {}
        var stallLimit = Duration.seconds(180)
        var wallClock: @Sendable () -> UnixTime = UnixTime.now
    }

    /// Starts a consumer, by default one with the script behind it.
    func start(_ change: (inout Parts) -> Void = { _ in }) -> Running {
        var parts = Parts(makeTransfer: { [transfer] onCompletion in ScriptedLine(transfer, onCompletion) })
        change(&parts)
        let running = Running()
        running.start(settings, parts)
        return running
    }

    // MARK: - Output

    /// Reads everything that is in these topics now, until `isEnough`.
    func read(_ topics: [String], until isEnough: ([OwnedRecord]) -> Bool) throws -> [OwnedRecord] {
        let listener = SilentListener()
        var consumerSettings = ConsumerSettings(kafka: settings.kafka, group: "reader-\(sent)")
        consumerSettings.fetchWait = .milliseconds(10)
        let consumer = try Consumer(consumerSettings, listener: listener)
        try consumer.subscribe(topics)
        var records: [OwnedRecord] = []
        try eventually({ isEnough(records) }) {
            _ = try consumer.poll(timeout: .milliseconds(50), maximum: 100) { records.append(OwnedRecord(copying: $0)) }
        }
        sent += 1
        consumer.close(within: .seconds(5))
        return records
    }
}

private final class SilentListener: RebalanceListener {
    func assigned(_ partitions: [PartitionOffset]) {}
    func revoked(_ partitions: [TopicPartition], lost: Bool) {}
}

struct NeverHappened: Error {}

/// Calls `step` until `condition` holds.
///
/// - Throws: ``NeverHappened`` after `limit`, and what `step` throws.
func eventually(
    _ condition: () throws -> Bool, within limit: Duration = .seconds(30),
    _ step: () throws -> Void = { Latch().wait(timeout: .milliseconds(10)) }
) throws {
    let end = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
        try step()
    }
}
