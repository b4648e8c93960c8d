internal import Delivery
internal import Kafka
internal import KafkaOperations
internal import Notifications
internal import Time

/// What a feed tells the engine, on the engine's thread.
protocol FeedOwner: AnyObject {
    /// A new record is to be worked on.
    func received(_ record: OwnedRecord, feed: Int, epoch: Int)
    /// Partitions leave; unless they are lost, what is complete when this returns is committed.
    ///
    /// - Returns: how long that commit may take.
    func revoking(_ partitions: Set<TopicPartition>, feed: Int, lost: Bool) -> Duration
    func noted(_ note: FeedNote, feed: Int)
}

/// Something worth a metric or a log line.
enum FeedNote: Equatable {
    case assigned(Int)
    case revoked(Int, lost: Bool)
    case skippedCompleted
    case rewound(TopicPartition, to: Int64)
    /// Reading begins at the first of the records that were there before, since the group has no committed offset.
    case unplaced(TopicPartition, at: Int64)
    /// Records were deleted before they were read.
    case skipped(TopicPartition, from: Int64, to: Int64)
    case commitFailed(String)
    case commit
}

/// One topic with its consumer: the main topic, or one retry topic. Keeps the watermarks and commits behind them.
///
/// The engine's thread owns it.
final class Feed: RebalanceListener {
    let index: Int
    let topic: String
    /// How long a record rests in this topic; `nil` for the main topic.
    let delay: Duration?
    private(set) var partitions = FeedPartitions()
    /// Whether the group has given it partitions, or decided that there are none, and has not taken it for dead since.
    private(set) var wasAssigned = false
    private var consumer: Consumer?
    private unowned let owner: any FeedOwner
    private let maxSpan: Int64
    private let sharedRecords: Int?
    private let maxWaiting = 128
    private let maxWaitingBytes: Int
    private let wallClock: @Sendable () -> UnixTime
    private var restClock: RestClock
    private var nextEpoch = 0
    private var arePaused = false
    /// Completions that no acknowledged commit covers, and what left with its partition: they are done again.
    private(set) var uncommitted = 0
    /// Those whose partitions left: they count until the group answers again. Where it does not answer for long, the
    /// other groups lose their partitions, too, one after another, and one fault must not repeat a full bound of each.
    private var forsaken = 0
    /// Those of them that the broker has not been told of.
    private(set) var untold = 0
    /// The last commit failed; the next one waits for its time.
    private(set) var isCommitFailing = false
    private var isCommitting = false
    /// A partition had records to read when the lag was looked at last.
    private(set) var hasUnread = false

    /// - Parameters:
    ///   - maxSpan: offsets between the committed and the furthest read one of a partition.
    ///   - sharedRecords: room that the partitions share, where what waits cannot leave it; a partition whose span is
    ///     full then leaves the others theirs.
    ///   - maxWaitingBytes: room that the records which rest share; each partition may have one, however large it is.
    ///   - onCommitAnswers: called on a thread of librdkafka when ``takeCommitAnswers()`` has something to take.
    init(
        index: Int, topic: String, delay: Duration?, settings: ConsumerSettings, maxSpan: Int,
        sharedRecords: Int? = nil, maxWaitingBytes: Int = .max, owner: any FeedOwner,
        wallClock: @escaping @Sendable () -> UnixTime = UnixTime.now, onCommitAnswers: (@Sendable () -> Void)? = nil
    ) throws(KafkaError) {
        self.index = index
        self.topic = topic
        self.delay = delay
        self.owner = owner
        self.maxSpan = Int64(maxSpan)
        self.sharedRecords = sharedRecords
        self.maxWaitingBytes = maxWaitingBytes
        self.wallClock = wallClock
        restClock = RestClock(rest: delay ?? .zero, wall: wallClock(), at: .now)
        consumer = try Consumer(settings, listener: self, onCommitAnswers: onCommitAnswers)
    }

    var waker: ConsumerWaker? { consumer?.waker }

    func subscribe() throws(KafkaError) { try consumer?.subscribe([topic]) }

    // MARK: - Reading

    /// Reads up to `maximum` records; rebalances happen in here.
    func poll(timeout: Duration, maximum: Int) throws(KafkaError) -> Int {
        guard let consumer else { return 0 }
        // A step of the clock is to be noticed when it happens, not with the next record.
        if delay != nil { _ = restClock.time(wallClock(), at: .now) }
        // What rests stays for long: each record is looked at before the next one is taken.
        let atOnce = delay == nil ? maximum : 1
        var count = 0
        while count < maximum {
            let new = try consumer.poll(timeout: count == 0 ? timeout : .zero, maximum: atOnce) { record in
                receive(OwnedRecord(copying: record, topic: topic))
            }
            try regulate()
            count += new
            if delay == nil || new == 0 { break }
        }
        return count
    }

    private func receive(_ record: OwnedRecord) {
        guard let partition = partitions[record.partition] else { return }
        if let since = partition.unplacedSince {
            partition.unplacedSince = nil
            // What was written since then is simply the first of all.
            if UnixTime(milliseconds: record.timestamp) < since {
                owner.noted(.unplaced(record.topicPartition, at: record.offset), feed: index)
            }
        }
        var receipt = partition.watermark.receive(record.offset)
        if receipt == .rewound {
            owner.noted(.rewound(record.topicPartition, to: record.offset), feed: index)
            partition.restart(at: record.offset, epoch: makeEpoch())
            receipt = partition.watermark.receive(record.offset)
        }
        let epoch = partition.watermark.epoch
        partition.age.read(timestamp: record.timestamp)
        if receipt == .new, let delay {
            partition.rest(record, until: due(record, delay), epoch: epoch)
        }
        switch receipt {
        case .new where delay == nil: owner.received(record, feed: index, epoch: epoch)
        case .completedBefore: owner.noted(.skippedCompleted, feed: index)
        default: break
        }
    }

    /// When a record of a retry topic has rested: its topic's delay after it was written, and what little more it asked
    /// for. A rest that is to be much longer is the engine's to judge, see ``restLeft(of:)``.
    private func due(_ record: OwnedRecord, _ delay: Duration) -> MonotonicTime {
        let instant = MonotonicTime.now
        let now = restClock.time(wallClock(), at: instant)
        // A clock that ran ahead when the record was written must not hold it for longer than the delay.
        let written = record.timestamp >= 0 ? min(UnixTime(milliseconds: record.timestamp), now) : now
        let further = furtherRest(record, delay, now)
        return instant + (written.adding(delay) - now) + (further <= grace(delay) ? further : .zero)
    }

    /// What is left of the rest that a record asked for when its topic's delay is over; `nil` for nothing.
    func restLeft(of record: OwnedRecord) -> Duration? {
        guard let delay, let notBefore = Work.time(record, WireHeader.retryNotBefore) else { return nil }
        let now = restClock.time(wallClock(), at: .now)
        let further = furtherRest(record, delay, now)
        guard further > grace(delay), notBefore > now else { return nil }
        return min(further, notBefore - now)
    }

    /// How much longer than the topic's delay the record asked to rest.
    private func furtherRest(_ record: OwnedRecord, _ delay: Duration, _ now: UnixTime) -> Duration {
        guard let notBefore = Work.time(record, WireHeader.retryNotBefore) else { return .zero }
        guard record.timestamp >= 0 else { return max(.zero, notBefore - now) }
        return max(.zero, notBefore - UnixTime(milliseconds: record.timestamp).adding(delay))
    }

    /// A rest that is longer by no more than this is waited for here.
    private func grace(_ delay: Duration) -> Duration { min(.seconds(1), delay) }

    /// Hands over what has rested long enough, at most `maximum` records, and first what has been due for longest.
    func releaseDue(_ now: MonotonicTime, maximum: Int) {
        for _ in 0..<max(0, maximum) {
            guard let (partition, due) = soonest, due <= now, let head = partition.popWaiting() else { return }
            owner.received(head.record, feed: index, epoch: head.epoch)
        }
    }

    /// When the next record will have rested long enough.
    var nextDue: MonotonicTime? { soonest?.due }

    /// The partition whose next record will have rested first.
    private var soonest: (partition: FeedPartition, due: MonotonicTime)? {
        guard delay != nil else { return nil }
        return partitions.all.lazy
            .compactMap { partition in partition.waiting.first.map { (partition, $0.due) } }
            .min { $0.1 < $1.1 }
    }

    // MARK: - Flow

    /// Stops and resumes single partitions whose span or waiting line is full, and all while the engine is full.
    private func regulate() throws(KafkaError) {
        let span = span
        let bytes = maxWaitingBytes / max(1, partitions.all.count)
        for partition in partitions.all {
            let isWaitingFull =
                partition.waiting.count >= maxWaiting || !partition.waiting.isEmpty && partition.waitingBytes >= bytes
            let isFull = partition.watermark.span >= span || isWaitingFull
            let hasRoom =
                partition.watermark.span <= span / 2 && partition.waiting.count <= maxWaiting / 4
                && partition.waitingBytes <= bytes / 4
            if !partition.isPaused, isFull || arePaused {
                try consumer?.pause([partition.topicPartition])
                partition.isPaused = true
            } else if partition.isPaused, hasRoom, !arePaused {
                try consumer?.resume([partition.topicPartition])
                partition.isPaused = false
            }
        }
    }

    func pauseAll(_ pause: Bool) throws(KafkaError) {
        guard arePaused != pause else { return }
        arePaused = pause
        try regulate()
    }

    /// How far behind each partition is, and since when.
    ///
    /// - Parameter oldest: when the oldest record in hand was written, by partition.
    func lags(oldest: [Int32: Int64], now: UnixTime) -> [GroupMetrics.Partition] {
        var lags: [GroupMetrics.Partition] = []
        hasUnread = false
        for partition in partitions.all {
            let key = partition.topicPartition
            guard let progress = consumer?.progress(of: key) else {
                lags.append(GroupMetrics.Partition(key, lag: nil, age: nil))
                continue
            }
            let unread = progress.end - progress.position
            if unread > 0, !partition.isPaused { hasUnread = true }
            let unreadAge = partition.age.age(lag: unread, now: now)
            let written = [oldest[key.partition], partition.waiting.first?.record.timestamp].compactMap { $0 }.min()
            let age = written.map { now - UnixTime(milliseconds: $0) } ?? unreadAge
            let lag = progress.end - partition.watermark.committable
            lags.append(GroupMetrics.Partition(key, lag: lag, age: lag > 0 ? age : .zero))
        }
        return lags
    }

    /// The next record of each partition that is to rest on.
    var resting: [OwnedRecord] { partitions.all.compactMap { $0.waiting.first?.record } }

    var pausedCount: Int { partitions.all.count { $0.isPaused } }
    /// A partition cannot be read on because too much of it is unfinished.
    var isSpanFull: Bool { partitions.all.contains { [span] in $0.watermark.span >= span } }

    private var span: Int64 {
        sharedRecords.map { max(1, min(maxSpan, Int64($0 / (partitions.all.count + 1)))) } ?? maxSpan
    }

    // MARK: - Completion and commit

    /// An offset is done; of an earlier assignment it is ignored.
    func complete(_ number: Int32, offset: Int64, epoch: Int) {
        if partitions[number]?.complete(offset, epoch: epoch) == true {
            uncommitted += 1
            untold += 1
        }
    }

    /// Something of a partition that leaves was attempted or sent elsewhere, and will not be completed here.
    func forsake() { forsaken += 1 }

    /// Commits what moved, without waiting; one commit is under way at a time.
    func commit() {
        guard !isCommitting else { return }
        noteIdlePositions()
        commit(partitions.keys, synchronously: false, timeout: .zero)
    }

    /// Commits what moved and waits for the broker. What is under way is said again: it may fail after the last chance.
    func commitNow(_ keys: some Sequence<TopicPartition>, timeout: Duration) {
        commit(keys, synchronously: true, timeout: timeout)
    }

    private func commit(_ keys: some Sequence<TopicPartition>, synchronously: Bool, timeout: Duration) {
        let offsets = keys.compactMap { partitions[$0.partition]?.toCommit() }
        defer { count() }
        guard let consumer, !offsets.isEmpty else { return }
        for place in offsets { partitions[place.topicPartition.partition]?.beginCommit(place) }
        isCommitting = true
        do throws(KafkaError) {
            try consumer.commit(offsets, synchronously: synchronously, timeout: timeout)
            if synchronously { committed(offsets, error: nil) }
        } catch {
            committed(offsets, error: error)
        }
    }

    /// Takes note of what the broker has answered; never waits.
    func takeCommitAnswers() { consumer?.takeCommitAnswers() }

    private func count() {
        uncommitted = partitions.all.reduce(forsaken) { $0 + $1.uncommitted }
        untold = partitions.all.reduce(0) { $0 + $1.untold }
    }

    /// Transaction markers are offsets without records: when nothing is open, reading is as far as its position.
    private func noteIdlePositions() {
        for partition in partitions.all where partition.watermark.isIdle && partition.waiting.isEmpty {
            guard let progress = consumer?.progress(of: partition.topicPartition), progress.position == progress.end,
                progress.position > partition.watermark.committable
            else { continue }
            partition.watermark.reachedIdle(progress.position)
        }
    }

    // MARK: - Rebalance

    func assigned(_ places: [PartitionOffset]) {
        wasAssigned = true
        forsaken = 0
        for place in places {
            partitions[place.topicPartition.partition] = FeedPartition(
                start: place, epoch: makeEpoch(), now: wallClock())
        }
        count()
        owner.noted(.assigned(places.count), feed: index)
    }

    func revoked(_ keys: [TopicPartition], lost: Bool) {
        let limit = owner.revoking(Set(keys), feed: index, lost: lost)
        if lost { wasAssigned = false } else { commitNow(keys, timeout: min(limit, .seconds(5))) }
        for key in keys {
            forsaken += partitions[key.partition]?.uncommitted ?? 0
            partitions[key.partition] = nil
        }
        isCommitting = partitions.all.contains { $0.committing != nil }
        count()
        owner.noted(.revoked(keys.count, lost: lost), feed: index)
    }

    func skipped(_ partition: TopicPartition, from: Int64, to offset: Int64) {
        owner.noted(.skipped(partition, from: from, to: offset), feed: index)
    }

    func committed(_ offsets: [PartitionOffset], error: KafkaError?) {
        for place in offsets { partitions[place.topicPartition.partition]?.endCommit(place, error: error) }
        isCommitting = partitions.all.contains { $0.committing != nil }
        isCommitFailing = error != nil
        if error == nil { forsaken = 0 }
        count()
        owner.noted(error.map { .commitFailed($0.code) } ?? .commit, feed: index)
    }

    private func makeEpoch() -> Int {
        nextEpoch += 1
        return nextEpoch
    }

    // MARK: - End

    /// Commits for the last time.
    func commitLast(within limit: Duration) {
        noteIdlePositions()
        commitNow(partitions.keys, timeout: limit)
    }

    /// Leaves the group.
    func close(within limit: Duration) {
        consumer?.close(within: limit)
        consumer = nil
    }
}
