/// What one producer needs beyond the connection.
package struct ProducerSettings: Sendable {
    package var kafka: KafkaSettings
    /// How long records wait for company before they are sent.
    package var linger: Duration = .milliseconds(5)
    /// The largest record, with its headers; the broker has its own limit per topic (about 1 MiB by default).
    package var maximumRecordBytes = 4 << 20
    /// How long a record may take to be acknowledged.
    package var deliveryTimeout: Duration = .seconds(120)
    /// Bound on what waits inside of librdkafka.
    package var queuedRecords = 200_000
    package var queuedKiB = 262_144

    package init(kafka: KafkaSettings) { self.kafka = kafka }

    /// What an ``IdempotentProducer`` is made of.
    package var role: ClientRole {
        let timeout = ("message.timeout.ms", "\(deliveryTimeout.kafkaMilliseconds)")
        return ClientRole(
            isConsumer: false, kafka: kafka, defaults: defaults + [timeout],
            fixed: [("enable.idempotence", "true"), ("acks", "all")])
    }

    /// What a ``TransactionalProducer`` is made of.
    package func role(transactionalID: String, transactionTimeout: Duration) -> ClientRole {
        // Right after a commit the coordinator answers "concurrent transactions" for a few milliseconds; the default
        // wait of 100 ms before the next try would be the latency of every transaction. And while the coordinator is
        // away, sending the offsets keeps to no time limit but that of a request, by default a minute; librdkafka
        // takes none that is longer than a transaction.
        let requestTimeout = min(.seconds(10), transactionTimeout)
        let own = [("retry.backoff.ms", "5"), ("socket.timeout.ms", "\(requestTimeout.kafkaMilliseconds)")]
        return ClientRole(
            isConsumer: false, kafka: kafka, defaults: defaults + own,
            fixed: [
                ("transactional.id", transactionalID), ("enable.idempotence", "true"), ("acks", "all"),
                ("transaction.timeout.ms", "\(transactionTimeout.kafkaMilliseconds)"),
            ])
    }

    /// Replaceable by the user's own properties.
    private var defaults: [(String, String)] {
        [
            ("linger.ms", "\(linger.kafkaMilliseconds)"), ("batch.num.messages", "10000"),
            ("compression.codec", "lz4"), ("queue.buffering.max.messages", "\(queuedRecords)"),
            ("queue.buffering.max.kbytes", "\(queuedKiB)"), ("message.max.bytes", "\(maximumRecordBytes)"),
            // As Java's producers place keys.
            ("partitioner", "murmur2_random"), ("socket.nagle.disable", "true"), ("reconnect.backoff.max.ms", "2000"),
        ]
    }
}
