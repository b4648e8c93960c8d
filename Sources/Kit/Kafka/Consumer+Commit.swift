internal import CRdKafka

/// Telling the group how far its work is done.
extension Consumer {
    /// Commits the offsets, with their metadata.
    ///
    /// - Parameters:
    ///   - synchronously: wait for the broker's answer; else it arrives at ``RebalanceListener/committed(_:error:)``
    ///     inside of ``takeCommitAnswers()``.
    ///   - timeout: the longest wait of a synchronous commit; when it is over the outcome is unknown.
    package func commit(
        _ offsets: [PartitionOffset], synchronously: Bool, timeout: Duration = .seconds(10)
    ) throws(KafkaError) {
        guard !offsets.isEmpty else { return }
        let list = PartitionList(offsets)
        guard synchronously else {
            try check(rd_kafka_commit_queue(handle.pointer, list.pointer, answers.pointer, nil, nil), nil)
            return
        }
        let answers = rd_kafka_queue_new(handle.pointer)
        defer { rd_kafka_queue_destroy(answers) }
        try check(rd_kafka_commit_queue(handle.pointer, list.pointer, answers, nil, nil), nil)
        guard let event = rd_kafka_queue_poll(answers, timeout.kafkaMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "the commit was not answered in time")
        }
        defer { rd_kafka_event_destroy(event) }
        try check(rd_kafka_event_error(event), nil)
    }

    /// Tells the listener which asynchronous commits have ended. Never waits, and takes no records: the answers have a
    /// queue of their own, so that they do not stand behind what was fetched ahead.
    package func takeCommitAnswers() {
        while let event = rd_kafka_queue_poll(answers.pointer, 0) {
            defer { rd_kafka_event_destroy(event) }
            guard let list = rd_kafka_event_topic_partition_list(event) else { continue }
            answered(rd_kafka_event_error(event), list)
        }
    }

    /// The answer speaks for each partition by itself, and for all where none succeeded.
    private func answered(
        _ code: rd_kafka_resp_err_t, _ list: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) {
        var places: [rd_kafka_resp_err_t.RawValue: [PartitionOffset]] = [:]
        for (element, place) in zip(PartitionList.elements(list), PartitionList.offsets(list)) {
            let own = element.err != RD_KAFKA_RESP_ERR_NO_ERROR ? element.err : code
            places[own.rawValue, default: []].append(place)
        }
        for (raw, places) in places {
            let answer = rd_kafka_resp_err_t(raw)
            listener?.committed(places, error: answer == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(answer))
        }
    }
}
