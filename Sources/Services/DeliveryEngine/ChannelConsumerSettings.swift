package import Delivery
package import Kafka
package import Notifications
internal import Time

/// What every channel's consumer is told, whatever the channel. The defaults work with a local Kafka.
package struct ChannelConsumerSettings: Sendable {
    /// A retry topic: its delay, and the delay as it was configured, which is part of the topic's name.
    package struct Tier: Sendable, Equatable {
        package var name: String
        package var delay: Duration

        package init(name: String, delay: Duration) {
            self.name = name
            self.delay = delay
        }
    }

    /// What follows an attempt that perhaps delivered.
    package enum AmbiguousPolicy: String, CaseIterable, Sendable {
        /// Again: the receiver sees the same id twice and can drop one.
        case retry
        /// A dead letter of class `in_doubt`, for a person to decide.
        case dlq
    }

    package var channel: ChannelName
    package var kafka: KafkaSettings
    package var group: String
    /// Static membership, where set.
    package var instanceID: String?
    package var sessionTimeout: Duration = .seconds(10)
    package var topic: String
    package var deadLetterTopic: String
    /// `nil` writes no status records.
    package var statusTopic: String?
    /// Ascending, never empty.
    package var tiers: [Tier]
    /// Transfers in flight in the process.
    package var maxInFlight = 64
    /// The tiers' delays in it are those of `tiers`.
    package var retry = RetryPolicy()
    package var circuit = Circuit.Policy()
    /// How long an open circuit holds a record in memory before it is parked in the shortest tier.
    package var parkAfter: Duration = .seconds(5)
    package var floodGuard = FloodGuard.Policy()
    package var onAmbiguous = AmbiguousPolicy.retry
    /// The ids remembered as delivered.
    package var deliveredIDs = 100_000

    package var commitInterval: Duration = .milliseconds(200)
    /// Completions that may wait for the broker to acknowledge a commit. See ``maxExposed``.
    package var commitEvery = 256
    /// Offsets between the committed and the furthest read one of a partition.
    package var maxSpan = 16_384
    /// Records in memory, and their bytes.
    package var maxBuffered = 4_096
    package var maxBufferedBytes = 32 << 20

    package var startupTimeout: Duration = .seconds(60)
    package var drainTimeout: Duration = .seconds(25)
    /// How long a rebalance waits for what is in flight on the partitions that leave.
    package var revokeDrain: Duration = .seconds(5)
    /// How long a group waits for this member to poll, or to take part in a rebalance: hardly longer than for one that
    /// is gone, so that a killed broker which forgets about dead members does not hold a rebalance up.
    package var pollInterval: Duration { sessionTimeout + .seconds(5) }
    /// The loop must turn within this time, else the process ends.
    package var watchdogLimit: Duration = .seconds(60)

    package init(channel: ChannelName, kafka: KafkaSettings) {
        self.channel = channel
        self.kafka = kafka
        group = "\(channel.rawValue)-consumer"
        topic = TopicNames.notifications(channel)
        deadLetterTopic = TopicNames.dlq(channel)
        statusTopic = TopicNames.status
        tiers = ["30s", "5m", "30m"].compactMap { name in
            DurationText.parse(name).map { Tier(name: name, delay: $0) }
        }
        onAmbiguous = channel == .sms ? .dlq : .retry
    }

    /// The most records that a crash can repeat: those in flight and `commitEvery` completions.
    ///
    /// A record is exposed from the start of its attempt, or from being sent to another topic without one, until the
    /// broker has acknowledged a commit that covers its offset. At this number nothing more is started, attempts as
    /// little as moves to other topics, until acknowledgements come; while the broker is away the channel waits.
    /// Commits go out early enough, every `commitInterval` or quarter of `commitEvery` completions, that this is rare.
    package var maxExposed: Int { maxInFlight + commitEvery }

    /// Bytes of the records that rest in memory, of all retry topics together; they are beside the buffer.
    var maxRestingBytes: Int { maxBufferedBytes / 2 }

    package func retryTopic(_ tier: Int) -> String { TopicNames.retry(of: topic, tier: tiers[tier].name) }
    package func retryGroup(_ tier: Int) -> String { "\(group)-retry-\(tiers[tier].name)" }

    /// Every topic that must exist.
    package var topics: [String] {
        [topic, deadLetterTopic] + tiers.indices.map(retryTopic) + (statusTopic.map { [$0] } ?? [])
    }

    /// With the parts that depend on each other brought into line.
    var consistent: ChannelConsumerSettings {
        var settings = self
        settings.retry.tiers = tiers.map(\.delay)
        // A parked record comes back after the shortest tier; the circuit should let it try then.
        if let shortest = tiers.first?.delay {
            settings.circuit.maximumCooldown = min(circuit.maximumCooldown, max(shortest, circuit.cooldown))
        }
        return settings
    }
}
