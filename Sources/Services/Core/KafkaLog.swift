internal import Kafka
internal import Telemetry

/// Brings librdkafka's log lines into the service's: errors and warnings as warnings, since librdkafka goes on after
/// every one of them; what ends the service is logged by the service.
enum KafkaLog {
    static func attach(to settings: inout KafkaSettings) {
        let log = Log()
        settings.log = { line in
            let fields = [LogField("facility", line.facility), LogField("reason", line.message)]
            if line.level <= 4 {
                log.warning("kafka", "librdkafka reports trouble.", fields)
            } else {
                log.debug("kafka", "librdkafka reports.", fields)
            }
        }
    }
}
