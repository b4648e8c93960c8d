internal import Kafka
package import Lifecycle
internal import Time

/// Why the service stops by itself: what it tells its parent, and one sentence for people.
package struct CoreFailure: Error, Sendable {
    package let exitCode: ExitCode
    package let message: String

    package init(_ exitCode: ExitCode, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }
}

extension CoreFailure {
    /// The sentence for an error that ends the start.
    static func start(_ error: KafkaError, _ settings: CoreSettings) -> CoreFailure {
        guard !error.concernsConfiguration else { return CoreFailure(.configuration, "Kafka: \(error.text)") }
        return error.isFatal ? fatal(error, settings) : CoreFailure(.unavailable, "Kafka: \(error.text)")
    }

    /// The sentence for an error that ends the process.
    static func fatal(_ error: KafkaError, _ settings: CoreSettings) -> CoreFailure {
        guard error.isFenced else { return CoreFailure(.fatal, "Kafka: \(error.text)") }
        let timeout = "transaction_timeout (\(DurationText.format(settings.transactionTimeout)))"
        guard let name = settings.instanceID else {
            return CoreFailure(
                .fatal,
                "Fenced: this process stood still or could not reach Kafka for longer than \(timeout), so that the broker "
                    + "has ended its transaction; start it again (\(error.text))")
        }
        let session = "session_timeout (\(DurationText.format(settings.sessionTimeout)))"
        let limit = error.code == "FENCED_INSTANCE_ID" ? session : timeout
        return CoreFailure(.fatal, error.fencedText(instanceID: name, group: settings.group, limit: limit))
    }

    /// The sentence for a record that no topic takes in any form.
    static func hopeless(_ place: TransactionBatch.Place, _ error: KafkaError, _ settings: CoreSettings) -> CoreFailure
    {
        CoreFailure(
            .fatal,
            "\(settings.eventsDLQ) does not take even the first bytes of the record at offset \(place.offset) of "
                + "\(settings.inputs[place.topic])-\(place.partition): \(error.text)")
    }
}
