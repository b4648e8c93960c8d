internal import Delivery
internal import Kafka
internal import KafkaOperations
internal import Time

/// One assigned partition: what was read of it, what is done, what was committed.
///
/// An object, because it is looked at in every turn and a copy of it is one of everything that it holds.
final class FeedPartition {
    let topicPartition: TopicPartition
    var watermark: Watermark
    /// What the broker has acknowledged.
    private(set) var committed: PartitionOffset
    /// What the broker was told and has not answered yet, and how many completions that covers.
    private(set) var committing: (place: PartitionOffset, count: Int)?
    /// Completions that no acknowledged commit covers.
    private(set) var uncommitted = 0
    /// How much text a commit may carry: less after the broker has called it too much.
    private var maximumMetadata = CommitMetadata.maximumBytes
    /// Read and not due yet, in order, with the epoch they were read in; only in retry topics.
    private(set) var waiting = Queue<(record: OwnedRecord, due: MonotonicTime, epoch: Int)>()
    /// What they take in memory.
    private(set) var waitingBytes = 0
    var isPaused = false
    /// Since when it is ours, where the group has committed nothing for it and no record of it has come yet.
    var unplacedSince: UnixTime?
    var age: LagAge

    init(start: PartitionOffset, epoch: Int, now: UnixTime) {
        topicPartition = start.topicPartition
        let offset = max(0, start.offset)
        watermark = Watermark(
            epoch: epoch, start: offset, completed: CommitMetadata.decode(start.metadata, base: offset))
        committed = start
        unplacedSince = start.isCommitted ? nil : now
        age = LagAge(assignedAt: now)
    }

    /// Takes in a record that is to rest.
    func rest(_ record: OwnedRecord, until due: MonotonicTime, epoch: Int) {
        waiting.append((record, due: due, epoch: epoch))
        waitingBytes += Work.size(of: record)
    }

    /// Takes out the record that has rested for longest.
    func popWaiting() -> (record: OwnedRecord, epoch: Int)? {
        guard let head = waiting.popFirst() else { return nil }
        waitingBytes -= Work.size(of: head.record)
        return (head.record, head.epoch)
    }

    /// Completions that nobody has told the broker of.
    var untold: Int { uncommitted - (committing?.count ?? 0) }

    /// The record's offset is done; of another epoch it is ignored. Returns whether that is news.
    func complete(_ offset: Int64, epoch: Int) -> Bool {
        guard watermark.complete(offset, epoch: epoch) else { return false }
        uncommitted += 1
        return true
    }

    /// The log was truncated or made anew: what was done of it counts no more. What waits stays, since it may be gone
    /// from the log, but belongs to no offset any more.
    func restart(at offset: Int64, epoch: Int) { watermark = Watermark(epoch: epoch, start: offset) }

    // MARK: - Commits

    /// What can be committed.
    private var place: PartitionOffset {
        let offset = watermark.committable
        return PartitionOffset(
            topicPartition: topicPartition, offset: offset,
            metadata: CommitMetadata.encode(watermark.completedAbove, base: offset, limit: maximumMetadata))
    }

    /// What the broker should be told now; `nil` if it knows all that can be said. `beginCommit` must follow.
    func toCommit() -> PartitionOffset? {
        let place = place
        // Before anything is done there is nothing to say.
        let isSaid =
            committed.isCommitted
            ? place.offset == committed.offset && place.metadata ?? "" == committed.metadata ?? ""
            : place.offset <= 0 && place.metadata == nil
        guard isSaid else { return place }
        // What does not fit into the metadata cannot be told, and so nobody waits for it.
        uncommitted = 0
        return nil
    }

    func beginCommit(_ place: PartitionOffset) { committing = (place, uncommitted) }

    /// The broker has answered the commit of `place`. After a failure it is told again with the next one.
    func endCommit(_ place: PartitionOffset, error: KafkaError?) {
        guard let commit = committing, commit.place.offset == place.offset,
            commit.place.metadata ?? "" == place.metadata ?? ""
        else { return }
        committing = nil
        guard let error else {
            committed = commit.place
            uncommitted -= min(commit.count, uncommitted)
            return
        }
        if error.code == "OFFSET_METADATA_TOO_LARGE" { maximumMetadata /= 2 }
    }
}

/// The partitions of one topic that are assigned, each found by its number.
struct FeedPartitions {
    private var numbered: [FeedPartition?] = []
    private(set) var all: [FeedPartition] = []

    var keys: [TopicPartition] { all.map(\.topicPartition) }

    subscript(number: Int32) -> FeedPartition? {
        get { numbered.indices.contains(Int(number)) ? numbered[Int(number)] : nil }
        set {
            while numbered.count <= number { numbered.append(nil) }
            numbered[Int(number)] = newValue
            all = numbered.compactMap { $0 }
        }
    }
}
