internal import Telemetry

/// The engine's metrics: handles made once, and families whose labels are made as they are met, within bounds.
///
/// The engine's thread owns it; the handles themselves may be read by any thread.
final class EngineMetrics {
    /// More label values of one family than this are counted under `other`.
    static let maximumLabels = 256

    private let registry: MetricsRegistry
    private let channel: String
    private var counters: [Series: Counter] = [:]
    private var gauges: [Series: Gauge] = [:]

    /// A family and up to three labels: a key that is made without an allocation, for every attempt.
    struct Series: Hashable {
        struct Label {
            let name: StaticString
            var value: String

            init(_ name: StaticString, _ value: String) {
                self.name = name
                self.value = value
            }
        }

        let name: String
        private var first: Label
        private var second: Label?
        private var third: Label?

        init(_ name: String, _ first: Label, _ second: Label? = nil, _ third: Label? = nil) {
            self.name = name
            self.first = first
            self.second = second
            self.third = third
        }

        var labels: [Label] { [first, second, third].compactMap(\.self) }

        /// The series that takes what exceeds the bound.
        var withoutValues: Series {
            var series = self
            series.first.value = "other"
            series.second?.value = "other"
            series.third?.value = "other"
            return series
        }

        /// A family's labels have the same names in all of its series.
        static func == (left: Series, right: Series) -> Bool {
            left.first.value == right.first.value && left.second?.value == right.second?.value
                && left.third?.value == right.third?.value && left.name == right.name
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(name)
            hasher.combine(first.value)
            hasher.combine(second?.value)
            hasher.combine(third?.value)
        }
    }

    let attemptSeconds: Histogram
    let recordsRead: Counter
    let recordsRetried: Counter
    let duplicatesSkipped: Counter
    let completedSkipped: Counter
    let parked: Counter
    let floodHeld: Counter
    let statusDropped: Counter
    let commits: Counter
    let commitFailures: Counter
    let rewinds: Counter
    let inFlight: Gauge
    let waiting: Gauge
    let buffered: Gauge
    let unacknowledged: Gauge
    let uncommitted: Gauge
    let failedSends: Gauge
    let pausedPartitions: Gauge
    let channelStopped: Gauge
    let closedEndpoints: Gauge
    let producerRebuilds: Gauge

    init(_ registry: MetricsRegistry, channel: String) {
        self.registry = registry
        self.channel = channel
        let labels = [("channel", channel)]
        func counter(_ name: String, _ help: String) -> Counter {
            registry.counter("notificationhub_\(name)", help: help, labels: labels)
        }
        func gauge(_ name: String, _ help: String) -> Gauge {
            registry.gauge("notificationhub_\(name)", help: help, labels: labels)
        }
        attemptSeconds = registry.histogram(
            "notificationhub_attempt_seconds", help: "Duration of delivery attempts.", labels: labels)
        recordsRead = counter("records_read_total", "Records read from the channel's main topic.")
        recordsRetried = counter("retry_records_read_total", "Records taken up again from retry topics.")
        duplicatesSkipped = counter("duplicates_skipped_total", "Records that this process had delivered already.")
        completedSkipped = counter("completed_skipped_total", "Records that were done before a restart.")
        parked = counter("parked_total", "Records moved aside without an attempt.")
        floodHeld = counter("flood_held_total", "Exhausted records held back from the dead letter topic.")
        statusDropped = counter("status_dropped_total", "Status records that the topic refused for good: an alarm.")
        commits = counter("commits_total", "Offset commits that succeeded.")
        commitFailures = counter("commit_failures_total", "Offset commits that failed.")
        rewinds = counter("offset_rewinds_total", "Partitions that went back below what was committed.")
        inFlight = gauge("in_flight", "Attempts in flight.")
        waiting = gauge("waiting", "Records that wait in memory for their turn.")
        buffered = gauge("buffered_records", "Records in memory.")
        unacknowledged = gauge("unacknowledged_sends", "Retry, dead letter and status records without acknowledgement.")
        uncommitted = gauge("uncommitted_records", "Records that are done and not yet committed.")
        failedSends = gauge("failed_sends", "Retry, dead letter and status records whose last send failed: an alarm.")
        pausedPartitions = gauge("paused_partitions", "Partitions that are not read at the moment.")
        channelStopped = gauge("channel_stopped", "1 while the channel's credentials are refused: an alarm.")
        closedEndpoints = gauge("closed_endpoints", "Endpoints that asked not to be called any more.")
        producerRebuilds = gauge("producer_rebuilds", "How often the producer was replaced after a fatal error.")
    }

    /// Counts in a family with labels that are known only when they are met.
    func count(_ series: Series, _ help: StaticString) {
        if let counter = counters[series] { return counter.increment() }
        let isTooMany = counters.count >= Self.maximumLabels
        let counter = registry.counter(
            "notificationhub_\(series.name)", help: "\(help)",
            labels: labels(isTooMany ? series.withoutValues : series))
        if !isTooMany { counters[series] = counter }
        counter.increment()
    }

    /// Sets a gauge of a family, likewise.
    func set(_ series: Series, _ help: StaticString, _ value: Int) {
        if let gauge = gauges[series] { return gauge.set(value) }
        guard gauges.count < Self.maximumLabels else { return }
        let gauge = registry.gauge("notificationhub_\(series.name)", help: "\(help)", labels: labels(series))
        gauges[series] = gauge
        gauge.set(value)
    }

    private func labels(_ series: Series) -> [(String, String)] {
        [("channel", channel)] + series.labels.map { ("\($0.name)", $0.value) }
    }
}
