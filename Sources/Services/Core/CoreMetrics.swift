internal import Events
internal import Kafka
internal import KafkaOperations
internal import Notifications
package import Telemetry
internal import Time

/// The core's metrics; handles are made once. The owner thread's, but for the handles themselves.
package final class CoreMetrics {
    private static let consumedRecords = MetricDefinition.counter(
        "core_records_consumed_total", unit: "records", "Input records whose transaction was committed.",
        labels: ["topic"])
    private static let rejectedEvents = MetricDefinition.counter(
        "core_events_rejected_total", unit: "events",
        "Events that went to the dead letters; reason is their class: malformed, no_type, too_large, template or permanent.",
        labels: ["reason"])
    private static let unroutedEvents = MetricDefinition.counter(
        "core_events_unrouted_total", unit: "events", "Events that no route wants.")
    private static let producedNotifications = MetricDefinition.counter(
        "core_notifications_produced_total", unit: "notifications", "Notifications that were committed.",
        labels: ["channel", "route"])
    private static let suppressedNotifications = MetricDefinition.counter(
        "core_notifications_suppressed_total", unit: "notifications", "Entries for which no recipient was found.")
    private static let transactions = MetricDefinition.counter(
        "core_transactions_total", unit: "transactions", "Transactions that ended; result is committed or aborted.",
        labels: ["result"])
    private static let transactionTimes = MetricDefinition.histogram(
        "core_transaction_seconds", unit: "seconds",
        "From the begin of a transaction to its end; result is committed or aborted.", labels: ["result"],
        bounds: MetricBounds.calls)
    private static let commitTimes = MetricDefinition.histogram(
        "core_commit_seconds", unit: "seconds", "From the end of a transaction's input to its commit.",
        bounds: MetricBounds.calls)
    private static let eventToCommit = MetricDefinition.histogram(
        "core_event_to_commit_seconds", unit: "seconds",
        "From an input record's Kafka timestamp to the commit of its notifications.", bounds: MetricBounds.waits)
    private static let transactionRecords = MetricDefinition.histogram(
        "core_transaction_records", unit: "records", "Input records of each committed transaction.",
        bounds: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000])
    private static let rewoundPartitions = MetricDefinition.counter(
        "core_rewinds_total", unit: "partitions", "Input partitions that were truncated or made anew.")
    private static let contactCount = MetricDefinition.gauge(
        "core_contacts", unit: "users", "Users in the contact table.")
    private static let reloadResults = MetricDefinition.counter(
        "core_reloads_total", unit: "reloads",
        "Reloads of routes, templates and contacts; result is accepted or refused.", labels: ["result"])

    package static let definitions = [
        consumedRecords, rejectedEvents, unroutedEvents, producedNotifications, suppressedNotifications, transactions,
        transactionTimes, commitTimes, eventToCommit, transactionRecords, rewoundPartitions, contactCount,
        reloadResults,
    ]

    /// How a transaction ends.
    struct Ending {
        let count: Counter
        let duration: Histogram

        fileprivate init(_ registry: MetricsRegistry, _ result: String) {
            count = registry.counter(CoreMetrics.transactions, [result])
            duration = registry.histogram(CoreMetrics.transactionTimes, [result])
        }
    }

    let consumed: [Counter]
    let unrouted: Counter
    let suppressed: Counter
    let committed: Ending
    let aborted: Ending
    let rewinds: Counter
    let commitSeconds: Histogram
    let eventToCommitSeconds: Histogram
    let openRecords: Histogram
    let contacts: Gauge
    let reloads: Counter
    let refusedReloads: Counter
    private let group: GroupMetrics
    private let groupName: String
    private let rejected: LabeledMetrics<Counter>
    private let produced: LabeledMetrics<Counter>
    private var ages: [TopicPartition: LagAge] = [:]
    private let inputs: [String]

    /// - Parameters:
    ///   - group: the consumer group.
    ///   - inputs: the input topics, by their index.
    package init(_ registry: MetricsRegistry, group: String, inputs: [String]) {
        self.inputs = inputs
        groupName = group
        self.group = GroupMetrics(registry, groups: [group], topics: inputs)
        consumed = inputs.map { registry.counter(Self.consumedRecords, [$0]) }
        rejected = LabeledMetrics(counters: Self.rejectedEvents, in: registry)
        unrouted = registry.counter(Self.unroutedEvents)
        produced = LabeledMetrics(counters: Self.producedNotifications, in: registry, maximum: 4_096)
        suppressed = registry.counter(Self.suppressedNotifications)
        committed = Ending(registry, "committed")
        aborted = Ending(registry, "aborted")
        commitSeconds = registry.histogram(Self.commitTimes)
        eventToCommitSeconds = registry.histogram(Self.eventToCommit)
        openRecords = registry.histogram(Self.transactionRecords)
        rewinds = registry.counter(Self.rewoundPartitions)
        contacts = registry.gauge(Self.contactCount)
        reloads = registry.counter(Self.reloadResults, ["accepted"])
        refusedReloads = registry.counter(Self.reloadResults, ["refused"])
        // From the start, so that the first one is an increase.
        for reason in Rejection.Class.allCases.map(\.deadLetter) + [.permanent] { _ = rejected(reason.rawValue) }
    }

    /// The counter of events that went to the dead letters, by their class.
    func rejected(_ reason: String) -> Counter { rejected[reason] }

    /// The counter of a route's notifications on a channel.
    func produced(_ channel: ChannelName, route: String) -> Counter {
        produced[channel.rawValue, route]
    }

    // MARK: - Partitions

    func assigned(_ places: [TopicPartition]) {
        group.noted(.assigned, group: groupName)
        for place in places { ages[place] = LagAge(assignedAt: .now()) }
    }

    /// The partitions belong to another instance now.
    func revoked(_ places: [TopicPartition], lost: Bool) {
        group.noted(lost ? .lost : .revoked, group: groupName)
        group.remove(places)
        for place in places { ages[place] = nil }
    }

    /// Records of a partition were deleted before they were read.
    func skipped() { group.noted(.deleted, group: groupName) }

    /// Records of the partition were read up to one that was written then.
    func read(topic: Int, partition: Int32, timestamp: Int64) {
        ages[TopicPartition(topic: inputs[topic], partition: partition)]?.read(timestamp: timestamp)
    }

    /// Shows how far behind each partition is: nil before its first fetch.
    func measure(_ partitions: [(place: TopicPartition, lag: Int64?)]) {
        let now = UnixTime.now()
        group.set(
            partitions.map { place, lag in
                GroupMetrics.Partition(place, lag: lag, age: lag.flatMap { ages[place]?.age(lag: $0, now: now) })
            })
    }
}
