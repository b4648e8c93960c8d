package import Kafka

/// Where a record stood in the main topic. It travels with a retried record, so that its dead letter can say it.
package struct RecordOrigin: Sendable, Equatable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    /// Unix milliseconds; -1 where the record has none.
    package var timestamp: Int64
    package var group: String

    package init(of record: OwnedRecord, group: String) {
        topic = record.topic
        partition = record.partition
        offset = record.offset
        timestamp = record.timestamp
        self.group = group
    }

    /// Reads the header value that `text` wrote; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, !parts[0].isEmpty, let partition = Int32(parts[1]), let offset = Int64(parts[2]),
            let timestamp = Int64(parts[3])
        else { return nil }
        topic = String(parts[0])
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        group = String(parts[4])
    }

    /// A topic's name has no slash; the group, which may, comes last.
    package var text: String { "\(topic)/\(partition)/\(offset)/\(timestamp)/\(group)" }
}
