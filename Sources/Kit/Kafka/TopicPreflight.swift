internal import CRdKafka

/// Waits until the topics that a process needs exist: subscribing to, or producing to, a topic that does not is slow
/// to heal and hard to see.
///
/// Asks for the list of all topics, because asking for one by name can create it.
package final class TopicPreflight {
    /// How it ended.
    package enum Outcome: Sendable, Equatable {
        case ready
        /// The cluster answers, but these topics do not exist.
        case missing([String])
        /// The cluster did not answer.
        case unreachable(String)
        /// The caller's `shouldStop` said so.
        case stopped
    }

    private let handle: ClientHandle
    private let context = CallbackContext()

    package init(_ settings: KafkaSettings) throws(KafkaError) {
        handle = try ClientHandle(.administrator(settings), context: context)
    }

    /// Looks until every topic is there.
    ///
    /// - Parameters:
    ///   - topics: the names; doubles do no harm.
    ///   - timeout: how long to go on looking.
    ///   - shouldStop: asked at least every second.
    ///   - onChange: called when what is missing, or unreachable, differs from the look before; to log it.
    package func wait(
        for topics: [String], timeout: Duration, shouldStop: () -> Bool, onChange: (Outcome) -> Void
    ) -> Outcome {
        let end = ContinuousClock.now + timeout
        var last = Outcome.ready
        while !shouldStop() {
            let outcome = look(for: topics)
            if outcome == .ready { return outcome }
            if outcome != last { onChange(outcome) }
            last = outcome
            if ContinuousClock.now >= end { return outcome }
            rd_kafka_poll(handle.pointer, 250)
        }
        return .stopped
    }

    private func look(for topics: [String]) -> Outcome {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(handle.pointer, 1, nil, &metadata, 1000)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else {
            return .unreachable((context.refusal ?? KafkaError(code)).message)
        }
        defer { rd_kafka_metadata_destroy(metadata) }
        var present: Set<String> = []
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let topic = metadata.pointee.topics[index]
            if topic.err == RD_KAFKA_RESP_ERR_NO_ERROR { present.insert(String(cString: topic.topic)) }
        }
        let missing = Set(topics).subtracting(present).sorted()
        return missing.isEmpty ? .ready : .missing(missing)
    }
}
