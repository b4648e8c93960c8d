internal import KafkaOperations
internal import Notifications
internal import Telemetry

/// The metrics of one channel's consumer: handles are made once, and those whose labels are met as it runs within
/// bounds.
///
/// The engine's thread owns it; the handles themselves may be read by any thread.
package final class EngineMetrics {

    let attempts: LabeledMetrics<Counter>
    let attemptSeconds: LabeledMetrics<Histogram>
    let notifications: LabeledMetrics<Counter>
    let eventToDelivered: Histogram
    let deadLetters: LabeledMetrics<Counter>
    let memoryRetries: Counter
    /// By tier.
    let tierRetries: [Counter]
    let sendFailures: LabeledMetrics<Counter>
    let circuitOpen: LabeledMetrics<Gauge>
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
    let producerRebuilds: Counter
    let inFlight: Gauge
    let waiting: Gauge
    let buffered: Gauge
    let oldestUndelivered: Gauge
    let unacknowledged: Gauge
    let uncommitted: Gauge
    let failedSends: Gauge
    let pausedPartitions: Gauge
    let channelStopped: Gauge
    let closedEndpoints: Gauge
    let group: GroupMetrics

    /// - Parameters:
    ///   - groups: the consumer groups of the main topic and of the retry topics.
    ///   - topics: these topics.
    ///   - tiers: the names of the retry tiers.
    init(_ registry: MetricsRegistry, channel: ChannelName, groups: [String], topics: [String], tiers: [String]) {
        let channel = channel.rawValue
        group = GroupMetrics(registry, groups: groups, topics: topics)
        func counter(_ definition: MetricDefinition) -> Counter { registry.counter(definition, [channel]) }
        func gauge(_ definition: MetricDefinition) -> Gauge { registry.gauge(definition, [channel]) }
        attempts = LabeledMetrics(counters: Definitions.attempts, in: registry, fixed: [channel])
        attemptSeconds = LabeledMetrics(histograms: Definitions.attemptSeconds, in: registry, fixed: [channel])
        notifications = LabeledMetrics(counters: Definitions.notifications, in: registry, fixed: [channel])
        eventToDelivered = registry.histogram(Definitions.eventToDelivered, [channel])
        deadLetters = LabeledMetrics(counters: Definitions.deadLetters, in: registry, fixed: [channel])
        memoryRetries = registry.counter(Definitions.retries, [channel, "memory"])
        tierRetries = tiers.map { registry.counter(Definitions.retries, [channel, $0]) }
        sendFailures = LabeledMetrics(counters: Definitions.sendFailures, in: registry, fixed: [channel])
        circuitOpen = LabeledMetrics(gauges: Definitions.circuitOpen, in: registry, fixed: [channel])
        recordsRead = counter(Definitions.recordsRead)
        recordsRetried = counter(Definitions.recordsRetried)
        duplicatesSkipped = counter(Definitions.duplicatesSkipped)
        completedSkipped = counter(Definitions.completedSkipped)
        parked = counter(Definitions.parked)
        floodHeld = counter(Definitions.floodHeld)
        statusDropped = counter(Definitions.statusDropped)
        commits = counter(Definitions.commits)
        commitFailures = counter(Definitions.commitFailures)
        rewinds = counter(Definitions.rewinds)
        producerRebuilds = counter(Definitions.producerRebuilds)
        inFlight = gauge(Definitions.inFlight)
        waiting = gauge(Definitions.waiting)
        buffered = gauge(Definitions.buffered)
        oldestUndelivered = gauge(Definitions.oldestUndelivered)
        unacknowledged = gauge(Definitions.unacknowledged)
        uncommitted = gauge(Definitions.uncommitted)
        failedSends = gauge(Definitions.failedSends)
        pausedPartitions = gauge(Definitions.pausedPartitions)
        channelStopped = gauge(Definitions.channelStopped)
        closedEndpoints = gauge(Definitions.closedEndpoints)
        // From the start, so that the first one is an increase.
        for letter in DeadLetterClass.allCases { _ = deadLetters[letter.rawValue] }
    }
}
