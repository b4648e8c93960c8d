internal import Kafka
internal import Settings

extension ChannelConsumerSettings {
    /// How the producer of retries, dead letters and status records is set.
    func producer(_ kafka: KafkaSettings) -> ProducerSettings {
        var producer = ProducerSettings(kafka: kafka)
        producer.queuedRecords = 50_000
        producer.queuedKiB = 65_536
        // They come in batches.
        producer.linger = .milliseconds(1)
        return producer
    }

    /// How the consumer of the main topic is set; those of the retry topics have groups of their own, and less ahead.
    func consumer(_ kafka: KafkaSettings, group: String) -> ConsumerSettings {
        var consumer = ConsumerSettings(kafka: kafka, group: group, instanceID: instanceID)
        consumer.needsCommitted = true
        consumer.sessionTimeout = sessionTimeout
        consumer.maximumPollInterval = pollInterval
        consumer.prefetchRecords = 5_000
        consumer.prefetchKiB = 8_192
        consumer.fetchKiB = 256
        return consumer
    }

    /// Notes in the reader what librdkafka objects to in the clients that the process will make.
    func checkClients(_ reader: SettingsReader) {
        kafka.check(reader.section("kafka")) { kafka in
            [.administrator(kafka), consumer(kafka, group: group).role, producer(kafka).role]
        }
    }
}
