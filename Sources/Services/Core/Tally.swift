internal import Events
internal import Notifications
internal import Routing
internal import Telemetry
internal import Time

/// What happened to the records of the transaction under way; counted for the metrics when it is committed, forgotten
/// when it is aborted, so that records that are read twice count once.
struct Tally {
    /// Consecutive records of one partition that were written in the same millisecond.
    private struct Run {
        let topic: Int
        let partition: Int32
        let timestamp: Int64
        var count = 1
    }

    private static let channels = ChannelName.allCases
    private var consumed: [Int]
    private var runs: [Run] = []
    /// By route, then by channel.
    private var produced: [Int] = []
    private var unrouted = 0
    private var suppressed = 0
    private var rejected: [DeadLetterClass: Int] = [:]

    init(topics: Int) { consumed = Array(repeating: 0, count: topics) }

    /// - Parameter timestamp: milliseconds since the epoch; negative where the record has none.
    mutating func consume(topic: Int, partition: Int32, timestamp: Int64) {
        consumed[topic] += 1
        if let last = runs.last, last.timestamp == timestamp, last.partition == partition, last.topic == topic {
            runs[runs.count - 1].count += 1
        } else {
            runs.append(Run(topic: topic, partition: partition, timestamp: timestamp))
        }
    }

    mutating func unroute() { unrouted += 1 }

    mutating func reject(_ reason: DeadLetterClass) { rejected[reason, default: 0] += 1 }

    mutating func produce(_ record: MappedRecord) {
        guard case .notification(let channel) = record.kind else {
            suppressed += 1
            return
        }
        let slot = record.routeIndex * Self.channels.count + channel.position
        if slot >= produced.count { produced += Array(repeating: 0, count: slot + 1 - produced.count) }
        produced[slot] += 1
    }

    /// Adds everything to the metrics.
    ///
    /// - Parameters:
    ///   - routeNames: the names at the time of counting.
    ///   - now: when the transaction was committed.
    func count(in metrics: CoreMetrics, routeNames: [String], now: UnixTime) {
        for (topic, amount) in consumed.enumerated() where amount > 0 { metrics.consumed[topic].increment(by: amount) }
        if unrouted > 0 { metrics.unrouted.increment(by: unrouted) }
        if suppressed > 0 { metrics.suppressed.increment(by: suppressed) }
        for (reason, amount) in rejected { metrics.rejected(reason.rawValue).increment(by: amount) }
        for (slot, amount) in produced.enumerated() where amount > 0 {
            let route = routeNames[slot / Self.channels.count]
            metrics.produced(Self.channels[slot % Self.channels.count], route: route).increment(by: amount)
        }
        countTimes(in: metrics, now: now)
    }

    private func countTimes(in metrics: CoreMetrics, now: UnixTime) {
        for (index, run) in runs.enumerated() {
            let next = index + 1 < runs.count ? runs[index + 1] : nil
            if next?.topic != run.topic || next?.partition != run.partition {
                metrics.read(topic: run.topic, partition: run.partition, timestamp: run.timestamp)
            }
            guard run.timestamp >= 0 else { continue }
            let latency = now - UnixTime(milliseconds: run.timestamp)
            metrics.eventToCommitSeconds.observe(max(.zero, latency), times: run.count)
        }
    }

    mutating func clear() {
        for topic in consumed.indices { consumed[topic] = 0 }
        for slot in produced.indices { produced[slot] = 0 }
        unrouted = 0
        suppressed = 0
        rejected.removeAll()
        runs.removeAll(keepingCapacity: true)
    }
}
