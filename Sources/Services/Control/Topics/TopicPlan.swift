internal import Core
internal import DeliveryEngine
internal import Kafka
internal import Notifications

/// The topics that the configuration needs, as they should be. Pure.
struct TopicPlan {
    /// What a topic is for decides how it is kept.
    enum Use: String, CaseIterable {
        case events, contacts, notifications, retry, deadLetters, status

        var configuration: [(name: String, value: String)] {
            switch self {
            case .events, .notifications, .status: []
            case .contacts: [("cleanup.policy", "compact")]
            case .retry: [("retention.ms", "\(7 * Self.day)")]
            // Larger than what it takes: a dead letter has more headers than its record.
            case .deadLetters: [("retention.ms", "\(14 * Self.day)"), ("max.message.bytes", "\(2 << 20)")]
            }
        }

        private static let day = 86_400_000
    }

    /// In the order to show them.
    let topics: [Admin.NewTopic]

    /// - Parameters:
    ///   - partitions: of every topic.
    ///   - replication: nil is the cluster's default.
    init(_ settings: ControlSettings, partitions: Int, replication: Int?) {
        let core = settings.core
        var uses = core.inputs.map { ($0, Use.events) }
        uses.append((core.contactsTopic ?? TopicNames.contacts, .contacts))
        uses.append((core.eventsDLQ, .deadLetters))
        uses.append((core.statusTopic, .status))
        for channel in settings.channels {
            if let output = core.outputs[channel.channel] { uses.append((output, .notifications)) }
            uses.append((channel.topic, .notifications))
            for tier in channel.tiers.indices { uses.append((channel.retryTopic(tier), .retry)) }
            uses.append((channel.deadLetterTopic, .deadLetters))
            if let status = channel.statusTopic { uses.append((status, .status)) }
        }
        var topics: [Admin.NewTopic] = []
        for (name, use) in uses where !topics.contains(where: { $0.name == name }) {
            topics.append(
                Admin.NewTopic(
                    name: name, partitions: partitions, replication: replication, configuration: use.configuration))
        }
        self.topics = topics
    }

    /// What is to be done about a topic.
    enum Finding: Equatable {
        case missing
        case fits
        /// It is there, but otherwise than planned; nothing changes it behind its owner's back.
        case differs([String])
    }

    /// - Parameters:
    ///   - topic: as the cluster has it; nil where it has none.
    ///   - configuration: the topic's.
    static func compare(
        _ wanted: Admin.NewTopic, with topic: Admin.Topic?, configuration: [String: String]
    ) -> Finding {
        guard let topic else { return .missing }
        var differences: [String] = []
        // More do no harm.
        if topic.partitions < wanted.partitions {
            differences.append("\(topic.partitions) partitions, planned are \(wanted.partitions)")
        }
        if let replication = wanted.replication, topic.replication != replication {
            differences.append("\(topic.replication) replicas, planned are \(replication)")
        }
        for (name, value) in wanted.configuration where configuration[name] != value {
            differences.append("\(name) is \(configuration[name] ?? "not set"), planned is \(value)")
        }
        return differences.isEmpty ? .fits : .differs(differences)
    }
}
