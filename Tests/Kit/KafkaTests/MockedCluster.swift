import Kafka
import Synchronization

/// Remembers what a consumer tells its listener.
final class RecordingListener: RebalanceListener {
    var assignments: [[PartitionOffset]] = []
    var revocations: [(partitions: [TopicPartition], lost: Bool)] = []
    var commits: [KafkaError?] = []
    var committed: [PartitionOffset] = []
    var rewinds: [PartitionOffset] = []
    /// Runs inside of the revocation, where offsets may be committed.
    var onRevoke: (() -> Void)?

    func assigned(_ partitions: [PartitionOffset]) { assignments.append(partitions) }

    func revoked(_ partitions: [TopicPartition], lost: Bool) {
        revocations.append((partitions, lost))
        onRevoke?()
    }

    func rewound(_ partition: TopicPartition, to offset: Int64) {
        rewinds.append(PartitionOffset(topicPartition: partition, offset: offset))
    }

    func committed(_ offsets: [PartitionOffset], error: KafkaError?) {
        commits.append(error)
        committed += offsets
    }
}

extension MockCluster {
    var settings: KafkaSettings { KafkaSettings(brokers: brokers, clientID: "test") }

    func consumerSettings(group: String) -> ConsumerSettings {
        var settings = ConsumerSettings(kafka: settings, group: group)
        settings.sessionTimeout = .milliseconds(3500)
        settings.fetchWait = .milliseconds(10)
        return settings
    }

    func consumer(
        group: String, listener: RecordingListener, onCommitAnswers: (@Sendable () -> Void)? = nil
    ) throws -> Consumer {
        try Consumer(consumerSettings(group: group), listener: listener, onCommitAnswers: onCommitAnswers)
    }

    func producer(
        linger: Duration = .zero, onReports: (@Sendable () -> Void)? = nil
    ) throws -> IdempotentProducer {
        var settings = ProducerSettings(kafka: settings)
        settings.linger = linger
        return try IdempotentProducer(settings, onReports: onReports)
    }
}

extension IdempotentProducer {
    func send(_ topic: String, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders = .init(), token: UInt64) throws {
        try send(topic: topic, key: key, value: value, headers: headers, token: token)
    }
}

/// Calls `step` until `condition` holds.
///
/// - Throws: ``NeverHappened`` after `limit`, and what `step` throws.
func eventually(
    _ condition: () -> Bool, within limit: Duration = .seconds(20), _ step: () throws -> Void
) throws {
    let end = ContinuousClock.now + limit
    while !condition() {
        guard ContinuousClock.now < end else { throw NeverHappened() }
        try step()
    }
}

struct NeverHappened: Error {}
