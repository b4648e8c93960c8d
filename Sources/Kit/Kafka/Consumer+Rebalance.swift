internal import CRdKafka

/// What happens inside of a poll when the group gives or takes partitions.
extension Consumer {
    func rebalance(
        _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            assign(list)
        } else {
            revoke(list)
        }
    }

    private func assign(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        let cooperative =
            isCooperative ?? (String(cString: rd_kafka_rebalance_protocol(handle.pointer)) == "COOPERATIVE")
        isCooperative = cooperative
        // Whoever leaves reads nothing any more, and is not answered either.
        let isKnown = !isClosed && readCommitted(list, tries: 2)
        let committed = PartitionList.offsets(list)
        if isKnown { placeUncommitted(list) }
        for place in PartitionList.offsets(list) { setNext(place.topicPartition, max(place.offset, 0)) }
        let waits = settings.needsCommitted && !isKnown
        if waits { awaited.formUnion(committed.map(\.topicPartition)) }
        listener?.assigned(waits ? [] : committed)
        if cooperative {
            report(rd_kafka_incremental_assign(handle.pointer, list))
        } else {
            report(rd_kafka_assign(handle.pointer, list))
        }
    }

    /// Fills in what the group has committed. While a transaction of a dead member is open the broker does not say.
    /// The owner's loop stands still here, so that the wait is well below what the group allows between two polls.
    ///
    /// - Returns: false when it could not be read; librdkafka will read it by itself then.
    private func readCommitted(
        _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>, tries: Int
    ) -> Bool {
        for _ in 0..<tries {
            let code = rd_kafka_committed(handle.pointer, list, 3000)
            let failed = PartitionList.elements(list).first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }?.err
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR || failed != nil else { return true }
            let reason = KafkaError(code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : failed ?? code)
            log?(
                KafkaLogLine(
                    level: 4, facility: "COMMITTED", message: "cannot read committed offsets yet: \(reason.text)"))
        }
        // librdkafka reads them itself for partitions without an offset, and waits as long as it takes.
        for index in 0..<Int(list.pointee.cnt) { list.pointee.elems[index].offset = PartitionOffset.none }
        return false
    }

    /// Tells the listener of the partitions that it waits for, now that a record of one is there: librdkafka has learnt
    /// where to read, so that the broker answers.
    ///
    /// - Returns: false where it does not answer after all; the record comes again.
    func isToldOf(_ partition: TopicPartition, before offset: Int64) throws(KafkaError) -> Bool {
        guard awaited.contains(partition) else { return true }
        let list = PartitionList(Array(awaited))
        guard readCommitted(list.pointer, tries: 1) else {
            try seek([PartitionOffset(topicPartition: partition, offset: offset)])
            return false
        }
        awaited = []
        listener?.assigned(PartitionList.offsets(list.pointer))
        return true
    }

    /// Looks up where reading begins in partitions without a committed offset.
    ///
    /// librdkafka would do so by itself, but not only once: a pause, resume or seek while its question is open makes it
    /// ask again half a second later, and a pause after that answer goes back to where reading began.
    private func placeUncommitted(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        let unplaced = PartitionList.offsets(list).filter { !$0.isCommitted }.map(\.topicPartition)
        guard let start = settings.start, !unplaced.isEmpty else { return }
        let places = PartitionList(unplaced.map { PartitionOffset(topicPartition: $0, offset: start) })
        let code = rd_kafka_offsets_for_times(handle.pointer, places.pointer, 3000)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            // librdkafka asks as long as it takes.
            return report(code)
        }
        for place in PartitionList.elements(places.pointer) where place.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            guard place.offset >= 0 else { continue }
            rd_kafka_topic_partition_list_set_offset(list, place.topic, place.partition, place.offset)
        }
    }

    private func revoke(_ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
        let partitions = PartitionList.partitions(list)
        listener?.revoked(partitions, lost: rd_kafka_assignment_lost(handle.pointer) != 0)
        awaited.subtract(partitions)
        for partition in partitions {
            if let topic = topics.firstIndex(of: partition.topic) {
                owned.disown(topic: topic, partition: Int(partition.partition))
            }
        }
        let held = partitions.filter(paused.contains)
        if !held.isEmpty {
            paused.subtract(held)
            let list = PartitionList(held)
            // A temporary would be freed as soon as its pointer is read, before the call.
            withExtendedLifetime(list) { _ = rd_kafka_resume_partitions(handle.pointer, list.pointer) }
        }
        if isCooperative == true {
            report(rd_kafka_incremental_unassign(handle.pointer, list))
        } else {
            report(rd_kafka_assign(handle.pointer, nil))
        }
    }

    private func report(_ code: rd_kafka_resp_err_t) {
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        log?(KafkaLogLine(level: 3, facility: "ASSIGN", message: KafkaError(code).text))
    }

    private func report(_ error: OpaquePointer?) {
        guard let error else { return }
        log?(KafkaLogLine(level: 3, facility: "ASSIGN", message: KafkaError(taking: error).text))
    }
}

/// Passes a change of the assignment on to the client's context.
func rebalanceCallback(
    _ handle: OpaquePointer?, _ code: rd_kafka_resp_err_t,
    _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let list else { return }
    CallbackContext.from(opaque)?.onRebalance?(code, list)
}
