internal import Delivery
internal import Kafka
package import Notifications
package import Settings
internal import Time

extension ChannelConsumerSettings {
    /// The order in which records of a lane go.
    enum Ordering: String, CaseIterable {
        /// A record that moved to a retry topic may be overtaken.
        case relaxed
        /// The lane waits for it.
        case strict
    }

    /// The longest delay of a retry topic. `notifyctl topics apply` keeps these topics for seven days: a record that is due
    /// has the rest of them to be read in, however long a consumer stands still.
    package static let longestTier: Duration = .days(3)

    /// Reads the keys that every channel's file has; faults are noted in the reader.
    ///
    /// | key | variable | default |
    /// |---|---|---|
    /// | `kafka.brokers` … | see `KafkaSettings` | 127.0.0.1:9094 |
    /// | `kafka.group_id` | `KAFKA_GROUP_ID` | `<channel>-consumer` |
    /// | `kafka.topic`, `kafka.dlq_topic` | `KAFKA_TOPIC`, `KAFKA_DLQ_TOPIC` | notifications.`<channel>`, the topic and `.dlq` |
    /// | `kafka.status_topic` | | notifications.status |
    /// | `instance_id` | `INSTANCE_ID` | none |
    /// | `session_timeout` | | 10s; 20s with an instance id |
    /// | `worker_pool_size` | `WORKER_POOL_SIZE` | 64 |
    /// | `status` | | on |
    /// | `ordering` | | relaxed, or strict |
    /// | `on_ambiguous` | | retry; dlq for sms |
    /// | `retry.max_retries` | `MAX_RETRIES` | 8 |
    /// | `retry.base_delay_ms` | `BACKOFF_BASE_DELAY_MS` | 500 |
    /// | `retry.tiers` | `RETRY_TIERS` | 30s,5m,30m; at most 3d each |
    /// | `retry.max_age` | | 24h |
    /// | `circuit.failures`, `.share`, `.minimum` | | 8, 0.5, 20 |
    /// | `circuit.cooldown`, `.max_cooldown`, `.park_after` | | 1s, 30s, 5s |
    /// | `flood_guard.burst`, `.share`, `.refill` | | 100, 0.1, 60s |
    /// | `buffer.records`, `.bytes`, `.span` | | 4096, 32MiB, 16384 |
    /// | `delivered_ids` | | 100000 |
    /// | `startup_timeout` | | 60s |
    /// | `drain_timeout` | `DRAIN_TIMEOUT` | 25s |
    package init(_ reader: SettingsReader, channel: ChannelName) {
        let section = reader.section("kafka")
        let group = section.string("group_id", env: "KAFKA_GROUP_ID", default: "\(channel.rawValue)-consumer")
        let topic = section.string("topic", env: "KAFKA_TOPIC", default: TopicNames.notifications(channel))
        let deadLetterTopic = section.string("dlq_topic", env: "KAFKA_DLQ_TOPIC", default: "\(topic).dlq")
        let statusTopic = section.string("status_topic", default: TopicNames.status)
        let instanceID = reader.optionalString("instance_id", env: "INSTANCE_ID")
        let clientID = "\(channel.rawValue)-consumer" + (instanceID.map { "-\($0)" } ?? "")
        self.init(channel: channel, kafka: KafkaSettings(reading: section, clientID: clientID))
        self.group = group
        self.topic = topic
        self.deadLetterTopic = deadLetterTopic
        self.instanceID = instanceID
        self.statusTopic = reader.bool("status", default: true) ? statusTopic : nil
        sessionTimeout = reader.duration(
            "session_timeout", default: .seconds(instanceID == nil ? 10 : 20), in: .seconds(3) ... .seconds(1_800))
        maxInFlight = reader.int("worker_pool_size", env: "WORKER_POOL_SIZE", default: 64, in: 1...10_000)
        retry.isStrict = reader.choice("ordering", default: Ordering.relaxed) == .strict
        onAmbiguous = reader.choice("on_ambiguous", default: onAmbiguous)
        startupTimeout = reader.duration("startup_timeout", default: startupTimeout, in: .zero ... .hours(24))
        drainTimeout = reader.duration(
            "drain_timeout", env: "DRAIN_TIMEOUT", default: drainTimeout, in: .zero ... .hours(1))
        deliveredIDs = reader.int("delivered_ids", default: deliveredIDs, in: 0...10_000_000)
        readRetries(reader.section("retry"))
        readCircuit(reader.section("circuit"))
        readFloodGuard(reader.section("flood_guard"))
        readBuffer(reader.section("buffer"))
        checkTopics(section)
    }

    private mutating func readRetries(_ reader: SettingsReader) {
        retry.maxRetries = reader.int("max_retries", env: "MAX_RETRIES", default: 8, in: 0...1_000)
        retry.baseDelay = .milliseconds(
            reader.int("base_delay_ms", env: "BACKOFF_BASE_DELAY_MS", default: 500, in: 0...60_000))
        retry.maxAge = reader.duration("max_age", default: retry.maxAge, in: .seconds(1) ... .days(365))
        let names = reader.strings("tiers", env: "RETRY_TIERS", default: tiers.map(\.name))
        var read: [Tier] = []
        for name in names {
            guard let delay = DurationText.parse(name), delay > .zero, delay <= Self.longestTier else {
                reader.report("tiers", "must be durations such as 30s, 5m, 30m, up to 3d, not \"\(name)\"")
                continue
            }
            read.append(Tier(name: name, delay: delay))
        }
        if names.isEmpty { reader.report("tiers", "must name at least one delay") }
        if zip(read, read.dropFirst()).contains(where: { $0.delay >= $1.delay }) {
            reader.report("tiers", "must be in ascending order")
        }
        if !read.isEmpty { tiers = read }
    }

    private mutating func readCircuit(_ reader: SettingsReader) {
        circuit.consecutive = reader.int("failures", default: circuit.consecutive, in: 1...100_000)
        circuit.share = reader.double("share", default: circuit.share, in: 0.01...1)
        circuit.minimum = reader.int("minimum", default: circuit.minimum, in: 1...64)
        circuit.cooldown = reader.duration(
            "cooldown", default: circuit.cooldown, in: .milliseconds(10) ... .hours(1))
        circuit.maximumCooldown = reader.duration(
            "max_cooldown", default: circuit.maximumCooldown, in: .milliseconds(10) ... .hours(1))
        parkAfter = reader.duration("park_after", default: parkAfter, in: .zero ... .hours(1))
    }

    private mutating func readFloodGuard(_ reader: SettingsReader) {
        floodGuard.burst = reader.int("burst", default: floodGuard.burst, in: 1...1_000_000)
        floodGuard.share = reader.double("share", default: floodGuard.share, in: 0...1)
        floodGuard.refill = reader.duration("refill", default: floodGuard.refill, in: .seconds(1) ... .hours(24))
    }

    private mutating func readBuffer(_ reader: SettingsReader) {
        maxBuffered = reader.int("records", default: maxBuffered, in: 16...1_000_000)
        maxBufferedBytes = reader.bytes("bytes", default: maxBufferedBytes, in: (4 << 20)...(4 << 30))
        // More would not fit into a commit's metadata as one bit an offset.
        maxSpan = reader.int("span", default: maxSpan, in: 64...20_000)
    }

    /// A topic that is read and written under two names would go round for ever.
    private func checkTopics(_ reader: SettingsReader) {
        let names = topics
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            reader.report("topic", "\(name) has two uses; each topic needs its own name")
        }
    }
}
