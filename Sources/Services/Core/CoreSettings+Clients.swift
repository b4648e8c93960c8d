internal import Kafka
internal import Settings

extension CoreSettings {
    /// How the producer of all transactions is set.
    func producer(_ kafka: KafkaSettings) -> ProducerSettings {
        var producer = ProducerSettings(kafka: kafka)
        producer.linger = .milliseconds(20)
        // What `topics apply` gives dead letter topics.
        producer.maximumRecordBytes = 2 << 20
        return producer
    }

    /// How the consumer of the inputs is set.
    func consumer(_ kafka: KafkaSettings) -> ConsumerSettings {
        var consumer = ConsumerSettings(kafka: kafka, group: group, instanceID: instanceID)
        consumer.sessionTimeout = sessionTimeout
        // A rebalance waits as long as this for members that do not join again. Those are gone after the session, but a
        // broker that was killed and loads its group twice forgets to look after them.
        consumer.maximumPollInterval = sessionTimeout + .seconds(5)
        consumer.seesEnds = true
        return consumer
    }

    /// Notes in the reader what librdkafka objects to in the clients that the core will make.
    func checkClients(_ reader: SettingsReader) {
        kafka.check(reader.section("kafka")) { kafka in
            [
                .administrator(kafka), consumer(kafka).role,
                producer(kafka).role(transactionalID: group, transactionTimeout: transactionTimeout),
            ] + (contactsTopic == nil ? [] : [TopicReader.role(kafka)])
        }
    }
}
