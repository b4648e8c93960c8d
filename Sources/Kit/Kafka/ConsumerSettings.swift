internal import CRdKafka

/// What one consumer needs beyond the connection.
package struct ConsumerSettings: Sendable {
    package var kafka: KafkaSettings
    package var group: String
    /// Static membership: the member's name, which must be unique in the group and the same after a restart.
    package var instanceID: String?
    package var sessionTimeout: Duration
    /// How long one turn of the loop may take before the group takes the partitions away.
    package var maximumPollInterval: Duration = .seconds(300)
    /// Records that are fetched ahead, over all partitions: more are fetched while there are fewer, see ``FetchRefill``.
    package var prefetchRecords = 20_000
    /// The same in KiB.
    package var prefetchKiB = 16_384
    /// How much of one partition an answer may hold, in KiB, as it is stored: compressed. What comes of it is in memory
    /// at once, whatever the bounds above. A larger record is fetched all the same.
    package var fetchKiB = 1_024
    /// The same for the whole answer, over all partitions of one broker.
    package var answerKiB = 2_048
    /// How long the broker waits for new records before it answers a fetch.
    package var fetchWait: Duration = .milliseconds(50)
    /// Whether ``Consumer/tails`` are known.
    package var seesEnds = false
    /// Whether the listener must know what the group has committed before it sees a record: it hears of a partition later
    /// where the broker takes long to say.
    package var needsCommitted = false

    package init(kafka: KafkaSettings, group: String, instanceID: String? = nil) {
        self.kafka = kafka
        self.group = group
        self.instanceID = instanceID
        sessionTimeout = instanceID == nil ? .seconds(10) : .seconds(20)
    }

    /// What a ``Consumer`` is made of.
    package var role: ClientRole {
        ClientRole(isConsumer: true, joinsGroup: true, kafka: kafka, defaults: defaults, fixed: fixed)
    }

    /// Replaceable by the user's own properties.
    var defaults: [(String, String)] {
        // A longer session of the user's must not make librdkafka refuse ours.
        let session = number("session.timeout.ms") ?? 0
        // Nor larger records of theirs.
        let answer = max(answerKiB * 1_024, number("message.max.bytes") ?? 0)
        return [
            ("auto.offset.reset", "earliest"), ("partition.assignment.strategy", "range"),
            ("session.timeout.ms", "\(sessionTimeout.kafkaMilliseconds)"),
            ("heartbeat.interval.ms", "\(min(3000, sessionTimeout.kafkaMilliseconds / 3))"),
            ("max.poll.interval.ms", "\(max(Int(maximumPollInterval.kafkaMilliseconds), session))"),
            ("fetch.wait.max.ms", "\(fetchWait.kafkaMilliseconds)"), ("fetch.error.backoff.ms", "50"),
            ("queued.min.messages", "\(prefetchRecords * slack)"),
            ("queued.max.messages.kbytes", "\(prefetchKiB * slack)"),
            ("fetch.message.max.bytes", "\(fetchKiB * 1_024)"), ("fetch.max.bytes", "\(answer)"),
            ("check.crcs", "true"), ("socket.nagle.disable", "true"), ("allow.auto.create.topics", "false"),
            ("reconnect.backoff.max.ms", "2000"),
        ] + FetchRefill.properties
    }

    /// Where room is only noticed after a second, what is fetched ahead must last for as long.
    private var slack: Int { FetchRefill.isPrompt(kafka.security) ? 1 : 5 }

    /// With the bounds that count, which may be the user's own.
    var refill: FetchRefill {
        FetchRefill(
            kafka.security, records: number("queued.min.messages") ?? prefetchRecords,
            bytes: (number("queued.max.messages.kbytes") ?? prefetchKiB) * 1_024)
    }

    /// A property that the user has set to a number.
    private func number(_ name: String) -> Int? { kafka.property(name).flatMap { Int($0) } }

    /// Where partitions without a committed offset are read from, as a logical offset; nil where that is an error.
    var start: Int64? {
        switch kafka.property("auto.offset.reset") ?? "earliest" {
        case "smallest", "earliest", "beginning": Int64(RD_KAFKA_OFFSET_BEGINNING)
        case "largest", "latest", "end": Int64(RD_KAFKA_OFFSET_END)
        default: nil
        }
    }

    /// What the guarantees depend on.
    private var fixed: [(String, String)] {
        var list = [
            ("group.id", group), ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
            ("isolation.level", "read_committed"), ("enable.partition.eof", seesEnds ? "true" : "false"),
        ]
        if let instanceID { list.append(("group.instance.id", instanceID)) }
        return list
    }
}
