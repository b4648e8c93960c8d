internal import CommandLineKit
internal import Kafka
internal import Lifecycle

extension CommandFault {
    /// What Kafka said, as a command's end.
    static func kafka(_ error: KafkaError, _ settings: KafkaSettings) -> CommandFault {
        guard !error.concernsConfiguration else {
            return CommandFault(.configuration, "Kafka: \(error.text), see notifyctl validate")
        }
        let isAway = ["_TRANSPORT", "_ALL_BROKERS_DOWN", "_TIMED_OUT", "_RESOLVE", "_SSL", "_AUTHENTICATION"]
        guard isAway.contains(error.code) else { return CommandFault(.fatal, "Kafka: \(error.text)") }
        return CommandFault(.unavailable, "Kafka on \(settings.brokers) does not answer: \(error.text)")
    }
}

/// Runs `body`; what Kafka refuses becomes the command's fault.
func withKafka<Result>(
    _ settings: KafkaSettings, _ body: () throws(KafkaError) -> Result
) throws(CommandFault) -> Result {
    do throws(KafkaError) {
        return try body()
    } catch {
        throw .kafka(error, settings)
    }
}
