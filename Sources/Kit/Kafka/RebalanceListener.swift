/// Hears of the consumer's partitions, inside of ``Consumer/poll(timeout:maximum:_:)`` and ``Consumer/close(within:)``,
/// on the owner thread.
///
/// Everything in these calls must fit into `max.poll.interval.ms`, which is the time a rebalance waits for a member.
package protocol RebalanceListener: AnyObject {
    /// These partitions are ours from now on; their records start at the given offsets, which are what the group has
    /// committed (``PartitionOffset/none`` where it has not) with the metadata of the commit.
    func assigned(_ partitions: [PartitionOffset])

    /// These partitions are about to leave. Offsets may be committed here, unless they are `lost`: then another
    /// member may own them already.
    func revoked(_ partitions: [TopicPartition], lost: Bool)

    /// An asynchronous commit has ended; `error` is nil when it succeeded.
    func committed(_ offsets: [PartitionOffset], error: KafkaError?)
}

extension RebalanceListener {
    package func committed(_ offsets: [PartitionOffset], error: KafkaError?) {}
}
