/// What is behind the records: the markers that end the transactions of whoever wrote them.
extension Consumer {
    /// Where partitions end beyond the last record that was handed out, by the markers of transactions: to be committed
    /// when everything is, so that an idle group has no lag. Needs ``ConsumerSettings/seesEnds``.
    package var tails: [PartitionOffset] {
        owned.tails.map { tail in
            let partition = TopicPartition(topic: topics[tail.topic], partition: Int32(tail.partition))
            return PartitionOffset(topicPartition: partition, offset: tail.end)
        }
    }

    /// Whether the partition was read to its end. What is behind it may be records of open transactions, which nobody
    /// can read yet. Needs ``ConsumerSettings/seesEnds``.
    package func isAtEnd(_ partition: TopicPartition) -> Bool {
        guard let topic = topics.firstIndex(of: partition.topic) else { return false }
        return owned.isAtEnd(topic: topic, partition: Int(partition.partition))
    }

    /// The tails are committed; the next records come after them.
    package func pass(_ tails: [PartitionOffset]) {
        let now = self.tails
        for tail in tails where now.contains(tail) { setNext(tail.topicPartition, tail.offset) }
    }
}
