import Kafka

/// A small core for tests of what the broker answers: one input, one channel, one partition each.
extension CoreRun {
    private static let group = "notificationhub-core"

    /// What committed transactions held, and how many were aborted. The mock shows records of aborted transactions,
    /// too, so that only the core's own count tells them apart.
    struct Ledger: Equatable {
        var consumed = 0
        var produced = 0
        var rejected = 0
        var aborted = 0
    }

    var ledger: Ledger {
        Ledger(
            consumed: metric("notificationhub_core_records_consumed_total"),
            produced: metric("notificationhub_core_notifications_produced_total"),
            rejected: metric("notificationhub_core_events_rejected_total"),
            aborted: metric("notificationhub_core_transactions_total", "aborted"))
    }

    /// Broker 1 has everything of the core but its input, so that what it answers does not reach the events' producer.
    ///
    /// - Parameters:
    ///   - events: published before the core starts.
    ///   - prepare: runs between the events and the start.
    static func oneChannel(
        watched: [String] = outputs, settings: String = "", events: [String], prepare: (CoreRun) -> Void = { _ in }
    ) throws -> CoreRun {
        let topics = ["order.events", "notifications.email", "events.dlq"]
        return try CoreRun(
            topics: topics, partitions: 1, brokers: 2, watched: watched,
            routes: "routes: [{ event: a, notify: [{ channel: email, to: [email], template: order-created }] }]",
            settings: "topics: { inputs: [order.events] }\nstatus: false\ninstance_id: core-0\n" + settings
        ) { run in
            for topic in topics { run.cluster.setLeader(of: topic, broker: topic == "order.events" ? 2 : 1) }
            for kind in [MockCluster.Coordinated.group, .transaction] { run.moveCoordinator(of: kind, to: 1) }
            try run.publish(events)
            prepare(run)
        }
    }

    /// Moves the core's group, or its transactional id.
    func moveCoordinator(of kind: MockCluster.Coordinated, to broker: Int) {
        let name = kind == .group ? Self.group : "\(Self.group).core-0"
        cluster.setCoordinator(of: kind, name, broker: broker)
    }

    /// Events of the route, with these ids.
    static func events(_ ids: [String]) -> [String] {
        ids.map { #"{"event_type":"a","event_id":"\#($0)","order_id":"1","email":"a@example.com"}"# }
    }

    static func events(_ numbers: Range<Int>) -> [String] { events(numbers.map { "e\($0)" }) }
}
