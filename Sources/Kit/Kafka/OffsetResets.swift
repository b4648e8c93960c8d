internal import Synchronization

/// What librdkafka says about places that it cannot read from and leaves for others; it says so in its log and nowhere
/// else. Noted on its threads, asked by the consumer's owner. Safe to use from any thread.
final class OffsetResets: Sendable {
    private static let facility = "OFFSET"
    /// More than this many different lines are not kept; each names a partition.
    private static let maximum = 10_000

    private let lines = Mutex<Set<String>>([])
    /// So that the owner takes no lock while there is nothing.
    private let isAny = Atomic(false)

    func note(_ line: KafkaLogLine) {
        guard line.facility == Self.facility else { return }
        lines.withLock { if $0.count < Self.maximum { $0.insert(line.message) } }
        isAny.store(true, ordering: .releasing)
    }

    /// Whether something was said about the partition since it was asked last.
    func take(_ partition: TopicPartition) -> Bool {
        guard isAny.load(ordering: .acquiring) else { return false }
        let name = "\(partition.topic) [\(partition.partition)]:"
        return lines.withLock { lines in
            let others = lines.filter { !$0.contains(name) }
            defer {
                lines = others
                isAny.store(!others.isEmpty, ordering: .releasing)
            }
            return others.count < lines.count
        }
    }
}
