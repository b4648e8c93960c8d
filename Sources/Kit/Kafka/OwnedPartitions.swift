/// Which partitions a consumer owns, and the offset it expects next in each.
///
/// A batch that librdkafka hands over can hold records of a partition that was revoked while the batch was being
/// filled. What it fetched before a seek it drops by itself; so an offset below the expected one is no stale record
/// but a log that was truncated or made anew, and must not be lost. Topics are indexes into the subscribed list, so
/// that the check is two array reads.
struct OwnedPartitions {
    /// What a record is to its partition.
    enum Receipt: Equatable {
        case next, rewound, stale
        /// Next, too, but not the one that was expected: the offsets between are not there.
        case ahead(of: Int64)
    }

    private static let notOwned: Int64 = .max
    private static let notSeen: Int64 = -1
    private var next: [[Int64]]
    /// Where a partition was seen to end; it counts only while it is beyond what is expected next.
    private var ends: [[Int64]]

    init(topics: Int) {
        next = Array(repeating: [], count: topics)
        ends = next
    }

    /// Takes the partition; its records are expected to start at `offset`.
    mutating func own(topic: Int, partition: Int, from offset: Int64) {
        if next[topic].count <= partition {
            let missing = partition + 1 - next[topic].count
            next[topic].append(contentsOf: repeatElement(Self.notOwned, count: missing))
            ends[topic].append(contentsOf: repeatElement(Self.notSeen, count: missing))
        }
        next[topic][partition] = offset
        ends[topic][partition] = Self.notSeen
    }

    mutating func disown(topic: Int, partition: Int) {
        if partition < next[topic].count { next[topic][partition] = Self.notOwned }
    }

    func owns(topic: Int, partition: Int) -> Bool {
        partition < next[topic].count && next[topic][partition] != Self.notOwned
    }

    /// Every partition that is owned.
    var all: [(topic: Int, partition: Int)] {
        next.indices.flatMap { topic in
            next[topic].indices.filter { owns(topic: topic, partition: $0) }.map { (topic, $0) }
        }
    }

    /// Judges a record; unless it is stale it is to be handed out, and the one behind it is expected next.
    mutating func take(topic: Int, partition: Int, offset: Int64) -> Receipt {
        guard owns(topic: topic, partition: partition) else { return .stale }
        let expected = next[topic][partition]
        next[topic][partition] = offset + 1
        guard offset < expected else { return offset == expected ? .next : .ahead(of: expected) }
        // Of another log, whose end is of no more use.
        ends[topic][partition] = Self.notSeen
        return .rewound
    }

    /// Takes note of the partition's end: everything before it has been handed out.
    mutating func reachEnd(topic: Int, partition: Int, offset: Int64) {
        if owns(topic: topic, partition: partition) { ends[topic][partition] = offset }
    }

    /// Whether everything up to the partition's end, as it was seen, has been handed out.
    func isAtEnd(topic: Int, partition: Int) -> Bool {
        owns(topic: topic, partition: partition) && ends[topic][partition] >= next[topic][partition]
    }

    /// The partitions that end beyond the last record that was handed out, with the offset of their end: what is
    /// between are no records, but the ends of transactions.
    var tails: [(topic: Int, partition: Int, end: Int64)] {
        all.compactMap { place in
            let end = ends[place.topic][place.partition]
            return end > next[place.topic][place.partition] ? (place.topic, place.partition, end) : nil
        }
    }
}
