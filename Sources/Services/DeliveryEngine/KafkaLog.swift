internal import Kafka
internal import Telemetry

/// librdkafka's log lines as ours.
enum KafkaLog {
    static func write(_ line: KafkaLogLine) {
        let fields = [LogField("facility", line.facility), LogField("detail", line.message)]
        switch line.level {
        case ...3: Log().error("kafka_client", "The Kafka client reports a fault.", fields)
        case 4: Log().warning("kafka_client", "The Kafka client reports a difficulty.", fields)
        default: Log().debug("kafka_client", "The Kafka client says something.", fields)
        }
    }
}
