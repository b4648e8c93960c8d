package import Kafka
internal import Synchronization
package import Telemetry
internal import Time

/// What a member of consumer groups shows: rebalances, and how far behind its partitions are. Safe to use from any
/// thread.
package final class GroupMetrics: Sendable {
    /// A partition that belongs to this process, and how far it is behind.
    package struct Partition: Sendable, Equatable {
        package let place: TopicPartition
        /// Records that are not done; nil before the first fetch.
        package let lag: Int64?
        /// Since the oldest of them was written; nil where that is not known.
        package let age: Duration?

        package init(_ place: TopicPartition, lag: Int64?, age: Duration?) {
            self.place = place
            self.lag = lag.map { max(0, $0) }
            self.age = age.map { max(.zero, $0) }
        }
    }

    private static let rebalances = MetricDefinition.counter(
        "rebalances_total", unit: "rebalances",
        "Changes of the assigned partitions; kind is assigned, revoked, or lost (taken away without a chance to commit).",
        labels: ["group", "kind"])
    private static let resets = MetricDefinition.counter(
        "offset_resets_total", unit: "partitions",
        "Partitions that were not read on from a committed offset: an alarm. reason is deleted (records were gone before "
            + "they were read: reading goes on behind them) or no_offset (a channel consumer's group has committed "
            + "nothing: reading begins at the first record there is).",
        labels: ["group", "reason"])
    private static let assigned = MetricDefinition.gauge(
        "assigned_partitions", unit: "partitions", "Partitions that belong to this process.", labels: ["topic"])
    private static let lagRecords = MetricDefinition.gauge(
        "lag_records", unit: "records", "Records of a partition of this process that are not done yet.",
        labels: ["topic", "partition"])
    private static let lagSeconds = MetricDefinition.gauge(
        "lag_seconds", unit: "seconds",
        "How long ago the oldest record that is not done was written; 0 where all are done. For one that was not read yet "
            + "it is an upper bound. What rests in a retry topic counts, too.",
        labels: ["topic", "partition"])

    package static let definitions = [rebalances, resets, assigned, lagRecords, lagSeconds]

    private final class Current: Sendable {
        let partitions = Mutex<[Partition]>([])
    }

    private let registry: MetricsRegistry
    private let current = Current()

    /// - Parameters:
    ///   - groups: the names of the groups that the process is a member of.
    ///   - topics: what is read.
    package init(_ registry: MetricsRegistry, groups: [String], topics: [String]) {
        self.registry = registry
        for group in groups {
            for kind in Change.allCases { _ = registry.counter(Self.rebalances, [group, kind.rawValue]) }
            for reason in Reset.allCases { _ = registry.counter(Self.resets, [group, reason.rawValue]) }
        }
        let current = current
        registry.collect(Self.assigned) { add in
            let partitions = current.partitions.withLock { $0 }
            for topic in topics { add([topic], Double(partitions.count { $0.place.topic == topic })) }
        }
        func collect(_ definition: MetricDefinition, _ read: @escaping @Sendable (Partition) -> Double?) {
            registry.collect(definition) { add in
                for partition in current.partitions.withLock({ $0 }) {
                    guard let value = read(partition) else { continue }
                    add([partition.place.topic, String(partition.place.partition)], value)
                }
            }
        }
        collect(Self.lagRecords) { $0.lag.map(Double.init) }
        collect(Self.lagSeconds) { $0.age.map(\.seconds) }
    }

    /// What happened to the assignment.
    package enum Change: String, CaseIterable, Sendable {
        case assigned, revoked, lost
    }

    package func noted(_ change: Change, group: String) {
        registry.counter(Self.rebalances, [group, change.rawValue]).increment()
    }

    /// Why a partition was not read on from a committed offset.
    package enum Reset: String, CaseIterable, Sendable {
        case deleted
        case noOffset = "no_offset"
    }

    package func noted(_ reset: Reset, group: String) {
        registry.counter(Self.resets, [group, reset.rawValue]).increment()
    }

    /// Takes the place of what was known of all partitions.
    package func set(_ partitions: [Partition]) { current.partitions.withLock { $0 = partitions } }

    /// The partitions belong to another process now.
    package func remove(_ places: [TopicPartition]) {
        current.partitions.withLock { $0.removeAll { places.contains($0.place) } }
    }
}
