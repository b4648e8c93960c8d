internal import Delivery
internal import Kafka
internal import Time

/// One assigned partition: what was read of it, what is done, what was committed.
struct FeedPartition {
    let topicPartition: TopicPartition
    var watermark: Watermark
    /// What the broker knows, or was last told.
    var committed: PartitionOffset
    /// A commit is under way; `committed` is what it says.
    var isCommitting = false
    /// Read and not due yet, in order; only in retry topics.
    var waiting = Queue<(record: OwnedRecord, due: UnixTime)>()
    var isPaused = false

    init(start: PartitionOffset, epoch: Int) {
        topicPartition = start.topicPartition
        let offset = max(0, start.offset)
        watermark = Watermark(
            epoch: epoch, start: offset, completed: CommitMetadata.decode(start.metadata, base: offset))
        committed = start
    }

    /// What can be committed.
    var place: PartitionOffset {
        let offset = watermark.committable
        return PartitionOffset(
            topicPartition: topicPartition, offset: offset,
            metadata: CommitMetadata.encode(watermark.completedAbove, base: offset))
    }

    /// What should be committed now; `nil` if the broker knows, or was last told.
    var toCommit: PartitionOffset? {
        let place = place
        // Before anything is done there is nothing to say.
        guard committed.isCommitted || place.offset > 0 || place.metadata != nil else { return nil }
        guard place.offset != committed.offset || place.metadata ?? "" != committed.metadata ?? "" else { return nil }
        return place
    }
}
