internal import CRdKafka

/// What went wrong in Kafka, and what it means for the caller.
///
/// Decide on the flags in this order: ``isFatal`` (the handle is of no more use), ``requiresAbort`` (the transaction
/// must be aborted and its records sent again), ``isRetriable`` (call again).
package struct KafkaError: Error, Sendable, Equatable {
    /// librdkafka's name of the error, such as `_FENCED` or `MSG_SIZE_TOO_LARGE`: stable, fit for a metric label.
    package let code: String
    /// One sentence for people.
    package let message: String
    /// The handle cannot be used any more.
    package let isFatal: Bool
    /// The same call may succeed when it is made again.
    package let isRetriable: Bool
    /// The current transaction can only be aborted.
    package let requiresAbort: Bool

    package init(
        code: String, message: String, isFatal: Bool = false, isRetriable: Bool = false, requiresAbort: Bool = false
    ) {
        self.code = code
        self.message = message
        self.isFatal = isFatal
        self.isRetriable = isRetriable
        self.requiresAbort = requiresAbort
    }

    /// Another process with the same identity has taken over; this one must stop.
    package var isFenced: Bool { Self.fencing.contains(code) || code == "FENCED_INSTANCE_ID" }

    /// The broker refuses this very record, and would refuse it again.
    package var refusesRecord: Bool { Self.refusals.contains(code) }

    /// Configuration is at fault: with these properties, or names of topics, there is no client.
    package var concernsConfiguration: Bool { isFatal && code == Configuration.invalid }

    /// Whether a record that was refused with this code is larger than Kafka allows.
    package static func concernsSize(_ code: String) -> Bool { sizes.contains(code) }

    /// `CODE: message`.
    package var text: String { "\(code): \(message)" }

    /// The sentence for a process with an identity that was fenced.
    ///
    /// After a session that ran out librdkafka may send what waited for the coordinator under no name at all, and the
    /// broker, which has not missed the member yet, takes that for a second process.
    ///
    /// - Parameter limit: the setting that says how long Kafka waits for the process, and its value.
    package func fencedText(instanceID: String, group: String, limit: String) -> String {
        "Fenced: another process runs with INSTANCE_ID \(instanceID) in the group \(group), or this one stood still or "
            + "could not reach Kafka for longer than \(limit); give every instance an INSTANCE_ID of its own, then start "
            + "this one again (\(text))"
    }

    /// Codes that end the producer whatever librdkafka's flag says: it reports some of them as abortable only, but a
    /// fenced producer that aborts and goes on fights its successor for ever.
    private static let fencing: Set<String> = ["_FENCED", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"]
    private static let sizes: Set<String> = ["MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_MSG_SIZE"]
    private static let refusals = sizes.union(["INVALID_MSG", "INVALID_RECORD", "INVALID_TIMESTAMP"])
}

extension KafkaError {
    init(_ code: rd_kafka_resp_err_t, _ message: String? = nil, isFatal: Bool = false) {
        self.init(
            code: Self.name(code), message: message ?? String(cString: rd_kafka_err2str(code)), isFatal: isFatal,
            isRetriable: code == RD_KAFKA_RESP_ERR__TIMED_OUT)
    }

    /// Takes over `error` and destroys it.
    init(taking error: OpaquePointer) {
        let name = Self.name(rd_kafka_error_code(error))
        self.init(
            code: name, message: String(cString: rd_kafka_error_string(error)),
            isFatal: rd_kafka_error_is_fatal(error) != 0 || Self.fencing.contains(name),
            // A full queue empties by itself, though librdkafka does not flag it so.
            isRetriable: rd_kafka_error_is_retriable(error) != 0 || name == "_QUEUE_FULL",
            requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0)
        rd_kafka_error_destroy(error)
    }

    /// The fatal error that `handle` has raised, if it has.
    static func fatal(of handle: OpaquePointer) -> KafkaError? {
        // Asked for every record that is sent: the text is of interest only where there is one.
        guard rd_kafka_fatal_error(handle, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        var text = [CChar](repeating: 0, count: 512)
        let code = rd_kafka_fatal_error(handle, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        let message = text.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } }
        return KafkaError(code, message, isFatal: true)
    }

    private static func name(_ code: rd_kafka_resp_err_t) -> String {
        String(cString: rd_kafka_err2name(code))
    }
}
