/// Which partitions a consumer owns, and the offset it expects next in each: the guard against stale records.
///
/// A batch that librdkafka hands over can hold records of a partition that was revoked, or rewound, while the batch
/// was being filled. Topics are indexes into the subscribed list, so that the check is two array reads.
struct OwnedPartitions {
    private static let notOwned: Int64 = .max
    private var next: [[Int64]]

    init(topics: Int) { next = Array(repeating: [], count: topics) }

    /// Takes the partition; records below `offset` are stale.
    mutating func own(topic: Int, partition: Int, from offset: Int64) {
        if next[topic].count <= partition {
            let missing = partition + 1 - next[topic].count
            next[topic].append(contentsOf: repeatElement(Self.notOwned, count: missing))
        }
        next[topic][partition] = offset
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

    /// Whether the record is to be handed out; if so, records up to it are stale from now on.
    mutating func take(topic: Int, partition: Int, offset: Int64) -> Bool {
        guard partition < next[topic].count, offset >= next[topic][partition] else { return false }
        next[topic][partition] = offset + 1
        return true
    }
}
