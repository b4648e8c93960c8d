package import Kafka
package import Telemetry

/// librdkafka's log lines as ours. Faults and difficulties are warnings at most, since librdkafka goes on after each of
/// them; what ends a service is logged by the service.
package enum KafkaLog {
    package static func write(_ line: KafkaLogLine, to log: Log = Log()) {
        let fields = [LogField("facility", line.facility), LogField("reason", line.message)]
        if line.level <= 4 {
            log.warning("kafka_client", "The Kafka client reports a difficulty.", fields)
        } else {
            log.debug("kafka_client", "The Kafka client says something.", fields)
        }
    }
}
