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

    /// Replaceable by the user's own properties.
    var defaults: [(String, String)] {
        [
            ("linger.ms", "\(linger.kafkaMilliseconds)"), ("batch.num.messages", "10000"),
            ("compression.codec", "lz4"), ("queue.buffering.max.messages", "\(queuedRecords)"),
            ("queue.buffering.max.kbytes", "\(queuedKiB)"), ("message.max.bytes", "\(maximumRecordBytes)"),
            // As Java's producers place keys.
            ("partitioner", "murmur2_random"), ("socket.nagle.disable", "true"), ("reconnect.backoff.max.ms", "2000"),
        ]
    }
}
