internal import CRdKafka

/// Which records come next, and how far reading is.
extension Consumer {
    /// Stops fetching the partitions; what was fetched already is dropped and fetched again after a resume.
    package func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let new = partitions.filter { !paused.contains($0) && isOwned($0) }
        guard !new.isEmpty else { return }
        let list = PartitionList(new)
        try check(rd_kafka_pause_partitions(handle.pointer, list.pointer), list)
        paused.formUnion(new)
    }

    /// Goes on fetching; partitions that are not paused are left alone, since resuming them would read them again.
    package func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let known = partitions.filter(paused.contains)
        guard !known.isEmpty else { return }
        paused.subtract(known)
        let list = PartitionList(known)
        try check(rd_kafka_resume_partitions(handle.pointer, list.pointer), list)
    }

    /// Goes on reading at these offsets. Partitions that are not assigned are left out.
    package func seek(_ offsets: [PartitionOffset]) throws(KafkaError) {
        let ours = offsets.filter { isOwned($0.topicPartition) }
        guard !ours.isEmpty else { return }
        let list = PartitionList(ours)
        // The time-out of this call is a thousand times too short below 2.1.0: only -1 works everywhere.
        if let error = rd_kafka_seek_partitions(handle.pointer, list.pointer, -1) {
            throw KafkaError(taking: error)
        }
        try check(RD_KAFKA_RESP_ERR_NO_ERROR, list)
        for place in ours { setNext(place.topicPartition, place.offset) }
    }

    /// The partitions that are assigned now.
    package var assignment: [TopicPartition] {
        owned.all.map { TopicPartition(topic: topics[$0.topic], partition: Int32($0.partition)) }
    }

    /// The end of the partition as the last fetch saw it, and the place up to which records were handed over; nil
    /// before the first fetch. The position moves past transaction markers, so that the difference is 0 when idle.
    package func progress(of partition: TopicPartition) -> (end: Int64, position: Int64)? {
        var (low, high) = (Int64(-1), Int64(-1))
        let list = PartitionList([partition])
        guard
            rd_kafka_get_watermark_offsets(handle.pointer, partition.topic, partition.partition, &low, &high)
                == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0,
            rd_kafka_position(handle.pointer, list.pointer) == RD_KAFKA_RESP_ERR_NO_ERROR,
            let position = PartitionList.elements(list.pointer).first?.offset, position >= 0
        else { return nil }
        return (high, position)
    }
}
