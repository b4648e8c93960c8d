internal import Kafka
internal import Notifications
package import Telemetry

/// The core's metrics; handles are made once.
package final class CoreMetrics {
    private let registry: MetricsRegistry
    let consumed: [Counter]
    let unrouted: Counter
    let suppressed: Counter
    let committed: Counter
    let aborted: Counter
    let rewinds: Counter
    let commitSeconds: Histogram
    let openRecords: Histogram
    let contacts: Gauge
    let reloads: Counter
    let refusedReloads: Counter
    private var rejected: [String: Counter] = [:]
    private var produced: [ChannelName: [String: Counter]] = [:]
    private var lag: [String: Gauge] = [:]

    /// - Parameter inputs: the input topics, by their index.
    package init(_ registry: MetricsRegistry, inputs: [String]) {
        self.registry = registry
        consumed = inputs.map { topic in
            registry.counter(
                "notificationhub_core_records_consumed_total", help: "Input records taken, by topic.",
                labels: [("topic", topic)])
        }
        unrouted = registry.counter(
            "notificationhub_core_events_unrouted_total", help: "Events that no route wants.")
        suppressed = registry.counter(
            "notificationhub_core_notifications_suppressed_total", help: "Entries for which no recipient was found.")
        func transactions(_ result: String) -> Counter {
            registry.counter(
                "notificationhub_core_transactions_total", help: "Transactions that ended, by result.",
                labels: [("result", result)])
        }
        committed = transactions("committed")
        aborted = transactions("aborted")
        rewinds = registry.counter(
            "notificationhub_core_rewinds_total", help: "Input partitions that were truncated or made anew.")
        commitSeconds = registry.histogram(
            "notificationhub_core_commit_seconds", help: "From the end of a transaction's input to its commit.")
        openRecords = registry.histogram(
            "notificationhub_core_transaction_records", help: "Input records of each committed transaction.",
            bounds: [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000])
        contacts = registry.gauge("notificationhub_core_contacts", help: "Users in the contact table.")
        func reloads(_ result: String) -> Counter {
            registry.counter(
                "notificationhub_core_reloads_total", help: "Reloads of routes, templates and contacts, by result.",
                labels: [("result", result)])
        }
        self.reloads = reloads("accepted")
        refusedReloads = reloads("refused")
    }

    /// The counter of events that went to the dead letters, by their class.
    func rejected(_ reason: String) -> Counter {
        if let known = rejected[reason] { return known }
        let counter = registry.counter(
            "notificationhub_core_events_rejected_total", help: "Events that went to the dead letters, by class.",
            labels: [("reason", reason)])
        rejected[reason] = counter
        return counter
    }

    /// The counter of a route's notifications on a channel.
    func produced(_ channel: ChannelName, route: String) -> Counter {
        if let known = produced[channel]?[route] { return known }
        let counter = registry.counter(
            "notificationhub_core_notifications_produced_total", help: "Notifications, by channel and route.",
            labels: [("channel", channel.rawValue), ("route", route)])
        produced[channel, default: [:]][route] = counter
        return counter
    }

    func setLag(_ lag: Int64, topic: String, partition: Int32) {
        let key = "\(topic)-\(partition)"
        let gauge =
            self.lag[key]
            ?? registry.gauge(
                "notificationhub_core_lag_records", help: "Records behind the end of an assigned partition.",
                labels: [("topic", topic), ("partition", "\(partition)")])
        self.lag[key] = gauge
        gauge.set(Int(max(0, lag)))
    }

    /// The partitions belong to another instance now.
    func clearLag(_ partitions: [TopicPartition]) {
        for place in partitions { lag["\(place.topic)-\(place.partition)"]?.clear() }
    }
}
