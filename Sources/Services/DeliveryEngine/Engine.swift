internal import DeadLetters
internal import Delivery
internal import JSONBytes
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Time
internal import Tracing
internal import Transfer

/// What one channel's consumer holds in its hands. One thread owns it; its rooms are in the extensions:
/// `+Intake` (record to lane), `+Dispatch` (lane to transfer), `+Conclude` (answer to consequence), `+Forward`
/// (retry, dead letter, status), `+Parking` (what leaves the way of others), `+Rebalance`, `+Loop`.
final class Engine {
    let settings: ChannelConsumerSettings
    private(set) var channel: any Channel
    let reporter: EngineReporter
    let transfer: any Transferring
    let completions: Mailbox<TransferCompletion>
    let outbox: Outbox
    /// For what is written down: due times, ages, expiry. Waiting goes by the monotonic clock.
    let wallClock: @Sendable () -> UnixTime
    /// Nil where spans are not exported.
    let tracing: EngineTracing?
    /// The main topic first, then one per tier.
    var feeds: [Feed] = []

    var lanes: Lanes
    var floodGuard: FloodGuard
    var gate = ChannelGate()
    var closedEndpoints = ClosedEndpoints()
    var deliveredIDs: DeliveredIDs
    var generator = SystemRandomNumberGenerator()
    /// Reused for every record.
    let document = JSONDocument()
    /// Reused for every status record.
    var statusBuffer = ByteBuffer(capacity: 1_024)

    /// The records in hand by slot.
    private(set) var works: [Work?] = []
    private var freeSlots: [Int] = []
    private var nextGeneration: UInt32 = 1
    private(set) var buffered = 0
    private(set) var bufferedBytes = 0
    /// Records that only wait for acknowledgements of what was sent on their behalf.
    private(set) var settling = 0

    /// No attempt starts before. A static member takes the partitions of the process before it at once, and that may have
    /// been asked to wait for as long.
    let startsAt: MonotonicTime
    /// Set at a stop: no attempt starts any more, and what is in flight is waited for until then.
    var drainsUntil: MonotonicTime?
    /// Since when no record can be taken in, and whether the buffer was full meanwhile.
    var blockedSince: MonotonicTime?
    var wasFull = false
    var turnedAt = MonotonicTime.now
    var sweptAt = MonotonicTime.now
    var expiredAt = MonotonicTime.now
    var committedAt = MonotonicTime.now
    var retriesReadAt = MonotonicTime.now
    var measuredAt = MonotonicTime.now

    /// - Parameters:
    ///   - completions: where `transfer` puts what ended.
    init(
        settings: ChannelConsumerSettings, channel: any Channel, transfer: any Transferring,
        completions: Mailbox<TransferCompletion>, producer: IdempotentProducer, reporter: EngineReporter,
        wallClock: @escaping @Sendable () -> UnixTime = UnixTime.now, tracer: Tracer? = nil
    ) {
        let settings = settings.consistent
        self.settings = settings
        self.channel = channel
        self.transfer = transfer
        self.completions = completions
        self.reporter = reporter
        self.wallClock = wallClock
        outbox = Outbox(producer)
        tracing = tracer.map { EngineTracing($0, settings) }
        lanes = Lanes(maxInFlight: settings.maxInFlight, circuit: settings.circuit)
        floodGuard = FloodGuard(settings.floodGuard, now: .now)
        deliveredIDs = DeliveredIDs(capacity: settings.deliveredIDs)
        startsAt = settings.instanceID == nil ? .now : .now + settings.retry.memoryFloor
    }

    /// Goes on with another form of the channel; what asks to be tried again may be.
    func reload(_ channel: any Channel) {
        self.channel = channel
        closedEndpoints.openAll()
        if gate.open() { reporter.channelResumed() }
        relimit(.now)
    }

    /// Hands the channel's limits to the destinations of what is in hand: while reading is paused no record brings them.
    /// What can go nowhere any more is refused at its next attempt, and keeps its limits until then.
    private func relimit(_ now: MonotonicTime) {
        var done: Set<Destination> = []
        for case let work? in works where !work.isConcluded {
            guard let notification = work.notification, let former = work.destination, !done.contains(former),
                let destination = try? channel.destination(of: notification)
            else { continue }
            done.insert(former)
            lanes.relimit(destination, now: now)
        }
    }

    // MARK: - The records in hand

    /// How many records may still become exposed: `ChannelConsumerSettings.maxExposed` says what that is.
    var room: Int {
        let exposed = lanes.inFlight + settling + feeds.reduce(0) { $0 + $1.uncommitted }
        return max(0, settings.maxExposed - exposed)
    }

    /// Something could be done, and must show results after a while.
    var hasWork: Bool {
        if lanes.inFlight > 0 { return true }
        if buffered == 0 { return feeds.contains(where: \.hasUnread) }
        // What waits for its time, for the channel's credentials or for Kafka does as it should.
        return lanes.waiting > 0 && lanes.nextWake == nil && !gate.isStopped && outbox.count == 0
            && room > 0
    }

    var isFull: Bool { buffered >= settings.maxBuffered || bufferedBytes >= settings.maxBufferedBytes }

    func makeWork(_ record: OwnedRecord, feed: Int, epoch: Int) -> Work {
        let slot = freeSlots.popLast() ?? works.count
        if slot == works.count { works.append(nil) }
        let work = Work(
            record: record, group: settings.group, feed: feed, epoch: epoch, slot: slot, generation: nextGeneration)
        nextGeneration &+= 1
        works[slot] = work
        tracing?.begin(work)
        buffered += 1
        bufferedBytes += work.size
        return work
    }

    /// The record behind a token, unless its slot has another user by now.
    func work(_ token: UInt64) -> Work? {
        let slot = Int(token & 0xFFFF_FFFF)
        guard slot < works.count, let work = works[slot], work.token == token else { return nil }
        return work
    }

    /// Lets go of a record, whatever becomes of its offset.
    func release(_ work: Work) {
        guard works[work.slot] === work else { return }
        tracing?.end(work)
        works[work.slot] = nil
        freeSlots.append(work.slot)
        buffered -= 1
        bufferedBytes -= work.size
        if work.isConcluded { settling -= 1 }
    }

    /// Nothing more is to be done for it but to wait for acknowledgements.
    func conclude(_ work: Work) {
        if !work.isConcluded { settling += 1 }
        work.isConcluded = true
        completeIfAcknowledged(work)
    }

    /// Its offset is done once everything that was sent on its behalf is safe.
    func completeIfAcknowledged(_ work: Work) {
        guard work.isConcluded, work.openSends == 0, works[work.slot] === work else { return }
        if !work.isRevoked {
            feeds[work.feed].complete(work.record.partition, offset: work.record.offset, epoch: work.epoch)
        }
        release(work)
    }
}
