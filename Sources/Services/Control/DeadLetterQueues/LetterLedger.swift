internal import Delivery
internal import Kafka

/// What was done with the letters of one queue: one mark for each partition, kept in the offsets of a consumer group.
///
/// A queue is a log, so that a letter stays in it until it is deleted; what is done is remembered by the committed
/// offset, below which everything is, and by its metadata, which names what is done above it. So filters may pick
/// letters in any order, and none is sent twice. A pure value.
struct LetterLedger {
    /// How far beyond the first open letter of a partition the metadata of a commit can remember what is done.
    static let maximumSpan: Int64 = 20_000

    private var marks: [TopicPartition: Watermark] = [:]
    /// What was committed last.
    private var committed: [TopicPartition: PartitionOffset] = [:]
    private var next: [TopicPartition: Int64] = [:]

    init() {}

    /// These partitions begin where the group's commits say; what was known of them is forgotten.
    mutating func begin(_ offsets: [PartitionOffset]) {
        for place in offsets {
            let start = max(place.offset, 0)
            let completed = CommitMetadata.decode(place.metadata, base: start)
            marks[place.topicPartition] = Watermark(epoch: 0, start: start, completed: completed)
            next[place.topicPartition] = start
            committed[place.topicPartition] = place
        }
    }

    /// Somebody else has them now.
    mutating func end(_ partitions: [TopicPartition]) {
        for partition in partitions { (marks[partition], committed[partition], next[partition]) = (nil, nil, nil) }
    }

    var partitions: [TopicPartition] { Array(marks.keys) }

    /// The offset behind the last record that was looked at.
    func position(of partition: TopicPartition) -> Int64 { next[partition] ?? 0 }

    /// Everything below this offset is done.
    func mark(of partition: TopicPartition) -> Int64 { marks[partition]?.committable ?? 0 }

    /// What a record is to the ledger.
    enum Receipt: Equatable {
        case open, done
        /// Too far beyond an older letter that is still open: it could not be remembered as done.
        case outOfReach
    }

    /// Takes note of a record; the records of a partition come in order.
    mutating func receive(_ partition: TopicPartition, _ offset: Int64) -> Receipt {
        next[partition] = offset + 1
        if marks[partition] == nil { begin([PartitionOffset(topicPartition: partition, offset: offset)]) }
        switch marks[partition]?.receive(offset) {
        case .completedBefore: return .done
        case .new: return (marks[partition]?.span ?? 0) > Self.maximumSpan ? .outOfReach : .open
        case .rewound, nil: return .done
        }
    }

    /// The partition holds these offsets. A mark beyond them is of a log that was deleted and made anew: what was done
    /// belonged to that one.
    mutating func matchLog(_ partition: TopicPartition, _ bounds: Range<Int64>) {
        guard mark(of: partition) > bounds.upperBound else { return }
        begin([PartitionOffset(topicPartition: partition, offset: bounds.lowerBound)])
    }

    /// The letter is done: acknowledged where it was sent, or not wanted any more.
    mutating func complete(_ partition: TopicPartition, _ offset: Int64) {
        marks[partition]?.complete(offset, epoch: 0)
    }

    /// The commits that differ from the last ones.
    var changes: [PartitionOffset] {
        marks.compactMap { partition, mark in
            let base = mark.committable
            let metadata = CommitMetadata.encode(mark.completedAbove, base: base)
            let place = PartitionOffset(topicPartition: partition, offset: base, metadata: metadata)
            let before = committed[partition]
            let isSame = (before?.offset ?? 0) == base && (before?.metadata ?? "") == (metadata ?? "")
            return isSame ? nil : place
        }
    }

    /// The group has them.
    mutating func committed(_ offsets: [PartitionOffset]) {
        for place in offsets { committed[place.topicPartition] = place }
    }
}
