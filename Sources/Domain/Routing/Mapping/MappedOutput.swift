package import Events
package import JSONBytes
package import Notifications

/// What an event became, as it goes on the wire: all bytes in one buffer that the caller reuses.
package struct MappedOutput: ~Copyable {
    /// Every key and value of ``records``.
    package internal(set) var bytes = ByteBuffer(capacity: 4_096)
    /// In the order to produce them.
    package internal(set) var records: [MappedRecord] = []

    package init() {}

    /// More than the records of nearly every event have; what a rare large one needs is not kept for good.
    private static let usualBytes = 1 << 20

    /// Empties both, and keeps their capacity as far as it is a usual one.
    package mutating func removeAll() {
        bytes.removeAll(keepingAtMost: Self.usualBytes)
        records.removeAll(keepingCapacity: true)
    }
}

/// One record to produce. The ranges are of ``MappedOutput/bytes``.
package struct MappedRecord: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case notification(ChannelName)
        /// The status `suppressed` of an entry without recipient, for that channel.
        case status(ChannelName)
    }

    package let kind: Kind
    package let key: Range<Int>
    package let value: Range<Int>
    /// The notification's id; empty for a status.
    package let id: Range<Int>
    /// The position of the route in ``RoutingTable/routeNames``.
    package let routeIndex: Int
}

/// What became of one input record.
package enum MapResult: Sendable, Equatable {
    /// `notifications` and `suppressed` records were appended; both are 0 where every recipient list was a double.
    case mapped(notifications: Int, suppressed: Int)
    /// No route wants the event.
    case unrouted
    /// Nothing was appended; the record goes to `events.dlq`.
    case rejected(Rejection)
}
