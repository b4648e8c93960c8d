internal import DeadLetters
internal import Delivery
internal import Kafka
internal import Notifications
internal import Time

/// One record in hand, from the moment it was read until its offset counts as done. Owned by the engine's thread.
final class Work {
    let record: OwnedRecord
    /// Where it stood in the main topic.
    private(set) lazy var origin = makeOrigin()
    private let group: String
    /// The feed it came from: 0 for the main topic, else the tier's index plus one.
    let feed: Int
    /// Which assignment of its partition it belongs to.
    let epoch: Int
    /// Its place in the engine's table, and which user of that place it is.
    let slot: Int
    let generation: UInt32

    /// `nil` for a record that is no notification.
    var notification: Notification? {
        didSet { deliveryID = notification.map { DeliveredIDs.Fingerprint($0.id) } }
    }
    /// The notification's id, as those are remembered that were delivered.
    private(set) var deliveryID: DeliveredIDs.Fingerprint?
    var destination: Destination?
    /// Attempts that counted, those before it was read again included.
    var attempts: Int
    /// Those of them that were made before it was read.
    let attemptsBefore: Int
    var retriesInMemory = 0
    var firstFailure: UnixTime?
    var firstAttemptAt: MonotonicTime?
    /// Not to be attempted before, as its destination asked; no header says so yet.
    var floor: UnixTime?
    var attemptAt: UnixTime?
    /// Its spans; nil where they are not recorded.
    var trace: EngineTracing.Trace?
    /// Records sent on its behalf that the broker has not acknowledged.
    var openSends = 0
    /// Nothing more will be done; it is complete when `openSends` is zero.
    var isConcluded = false
    /// The broker took its partition away: nothing of it may be forwarded or committed any more.
    var isRevoked = false

    /// - Parameter group: the main topic's.
    init(record: OwnedRecord, group: String, feed: Int, epoch: Int, slot: Int, generation: UInt32) {
        self.record = record
        self.group = group
        self.feed = feed
        self.epoch = epoch
        self.slot = slot
        self.generation = generation
        // A record of the main topic starts anew, also when it was put back there by hand.
        attempts = feed == 0 ? 0 : Self.number(record, WireHeader.retryAttempt, in: 0...1_000_000).map(Int.init) ?? 0
        attemptsBefore = attempts
        if feed > 0 {
            firstFailure = Self.time(record, WireHeader.retryFirstFailure).map { min($0, UnixTime.now()) }
        }
    }

    /// When it was written to the main topic; -1 where that is not known.
    var originTimestamp: Int64 { feed == 0 ? record.timestamp : origin.timestamp }

    private func makeOrigin() -> RecordOrigin {
        let own = RecordOrigin(of: record, group: group)
        return feed == 0 ? own : record.headers.text(WireHeader.retryOrigin.name).flatMap(RecordOrigin.init) ?? own
    }

    /// The tier it was read from; `nil` if it was not, or only waited there for its first attempt.
    var tier: Int? { feed == 0 || attemptsBefore == 0 ? nil : feed - 1 }
    private(set) lazy var traceparent = record.headers.text(WireHeader.traceparent.name)
    var tracestate: String? { record.headers.text(WireHeader.tracestate.name) }
    /// Identifies it and its attempt across threads.
    var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    var size: Int { Self.size(of: record) }

    static func size(of record: OwnedRecord) -> Int { record.content.size + 512 }

    /// A header's time; headers may come from anybody, so that it is kept within the years that can be reckoned with.
    static func time(_ record: OwnedRecord, _ header: HeaderName) -> UnixTime? {
        number(record, header, in: 0...253_402_300_799_999).map { UnixTime(milliseconds: $0) }
    }

    private static func number(_ record: OwnedRecord, _ header: HeaderName, in range: ClosedRange<Int64>) -> Int64? {
        record.headers.text(header.name).flatMap { Int64($0) }.map { min(max($0, range.lowerBound), range.upperBound) }
    }
}
