internal import CommandLineKit
internal import Kafka
internal import Lifecycle

/// `TOPIC:PARTITION:OFFSET`, as commands print and take it.
struct RecordPlace: Sendable, Equatable {
    var partition: TopicPartition
    var offset: Int64

    init(partition: TopicPartition, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), let offset = Int64(parts[2]),
            partition >= 0, offset >= 0
        else { return nil }
        self.init(partition: TopicPartition(topic: String(parts[0]), partition: partition), offset: offset)
    }

    var text: String { "\(partition.topic):\(partition.partition):\(offset)" }

    /// - Parameter span: what the partition holds.
    /// - Throws: one sentence where the record is not there any more, or not yet.
    func check(in span: LogReader.Span) throws(CommandFault) {
        let name = "\(partition.topic)[\(partition.partition)]"
        if offset < span.start {
            throw CommandFault(
                .fatal,
                "\(text) is gone: \(name) starts at offset \(span.start) (retention or a purge removed the rest)")
        }
        if offset >= span.end {
            throw CommandFault(.fatal, "\(text) is not there yet: \(name) ends before offset \(span.end)")
        }
    }
}
