/// Hears of the consumer's partitions, inside of ``Consumer/poll(timeout:maximum:_:)`` and ``Consumer/close(within:)``,
/// on the owner thread.
///
/// Everything in these calls must fit into `max.poll.interval.ms`, which is the time a rebalance waits for a member.
package protocol RebalanceListener: AnyObject {
    /// These partitions are ours from now on; their records start at the given offsets, which are what the group has
    /// committed (``PartitionOffset/none`` where it has not) with the metadata of the commit. Where that could not be read
    /// yet, it is none, too; with ``ConsumerSettings/needsCommitted`` such partitions follow in another call, before their
    /// first record.
    func assigned(_ partitions: [PartitionOffset])

    /// These partitions are about to leave. Offsets may be committed here, unless they are `lost`: then another
    /// member may own them already.
    func revoked(_ partitions: [TopicPartition], lost: Bool)

    /// An asynchronous commit has ended; `error` is nil when it succeeded.
    func committed(_ offsets: [PartitionOffset], error: KafkaError?)

    /// The partition's log was truncated or made anew: the next record that is handed out has this offset, which is
    /// lower than what was read before. Comes before that record.
    func rewound(_ partition: TopicPartition, to offset: Int64)

    /// Records from an offset up to another were deleted, mostly by retention, before they were read: the next record
    /// that is handed out has the second offset. Comes before that record.
    func skipped(_ partition: TopicPartition, from: Int64, to offset: Int64)
}

extension RebalanceListener {
    package func committed(_ offsets: [PartitionOffset], error: KafkaError?) {}
    package func rewound(_ partition: TopicPartition, to offset: Int64) {}
    package func skipped(_ partition: TopicPartition, from: Int64, to offset: Int64) {}
}
