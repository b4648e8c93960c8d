internal import Events
internal import Notifications
internal import Routing
internal import Telemetry

/// What happened to the records of the transaction under way; counted for the metrics when it is committed, forgotten
/// when it is aborted, so that records that are read twice count once.
struct Tally {
    private static let channels = ChannelName.allCases
    private var consumed: [Int]
    /// By route, then by channel.
    private var produced: [Int] = []
    private var unrouted = 0
    private var suppressed = 0
    private var rejected: [Rejection.Class: Int] = [:]

    init(topics: Int) { consumed = Array(repeating: 0, count: topics) }

    mutating func consume(topic: Int) { consumed[topic] += 1 }

    mutating func unroute() { unrouted += 1 }

    mutating func reject(_ reason: Rejection.Class) { rejected[reason, default: 0] += 1 }

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
    /// - Parameter routeNames: the names at the time of counting.
    func count(in metrics: CoreMetrics, routeNames: [String]) {
        for (topic, amount) in consumed.enumerated() where amount > 0 { metrics.consumed[topic].increment(by: amount) }
        if unrouted > 0 { metrics.unrouted.increment(by: unrouted) }
        if suppressed > 0 { metrics.suppressed.increment(by: suppressed) }
        for (reason, amount) in rejected { metrics.rejected(reason.rawValue).increment(by: amount) }
        for (slot, amount) in produced.enumerated() where amount > 0 {
            let route = routeNames[slot / Self.channels.count]
            metrics.produced(Self.channels[slot % Self.channels.count], route: route).increment(by: amount)
        }
    }

    mutating func clear() {
        for topic in consumed.indices { consumed[topic] = 0 }
        for slot in produced.indices { produced[slot] = 0 }
        unrouted = 0
        suppressed = 0
        rejected.removeAll()
    }
}

extension ChannelName {
    /// The place among all cases.
    fileprivate var position: Int {
        switch self {
        case .email: 0
        case .sms: 1
        case .webhook: 2
        case .slack: 3
        }
    }
}
