internal import CRdKafka
internal import Glibc

/// A member of a consumer group that reads committed records and commits only what it is told to.
///
/// One thread owns a consumer and makes every call; ``waker`` is the exception. Nothing is committed behind the
/// owner's back, and `position()` of librdkafka is never committed, because it runs ahead of what was handed out.
package final class Consumer {
    /// What to do after a record of a batch.
    package enum Next: Sendable {
        case goOn
        /// End the batch before this record.
        case stop
        /// End it behind this record.
        case stopBehind
    }

    let handle: ClientHandle
    let settings: ConsumerSettings
    private let context: CallbackContext
    let log: (@Sendable (KafkaLogLine) -> Void)?
    private let resets = OffsetResets()
    private var refill: FetchRefill
    /// Hears of rebalances; not retained.
    package weak var listener: (any RebalanceListener)?
    private let queue: OpaquePointer
    /// Where asynchronous commits are answered.
    let answers: EventQueue
    private var batch: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    /// The rebalances that have come up while the batch is filled; nil when it is not.
    private var postponed: [(code: rd_kafka_resp_err_t, partitions: PartitionList)]?
    /// The subscribed topics; records name them by index.
    package private(set) var topics: [String] = []
    var owned = OwnedPartitions(topics: 0)
    var paused: Set<TopicPartition> = []
    /// Partitions that the listener is not told of yet, since what the group has committed is not known.
    var awaited: Set<TopicPartition> = []
    /// Asked once: asking again while the consumer closes can hang.
    var isCooperative: Bool?
    private(set) var isClosed = false
    /// Ends a ``poll(timeout:maximum:_:)`` of the owner thread from any other thread.
    package let waker: ConsumerWaker

    /// - Parameters:
    ///   - listener: not retained; can be set later, but before the first poll.
    ///   - onCommitAnswers: called on a thread of librdkafka when there is something for ``takeCommitAnswers()``; must
    ///     only wake the owner.
    package init(
        _ settings: ConsumerSettings, listener: (any RebalanceListener)? = nil,
        onCommitAnswers: (@Sendable () -> Void)? = nil
    ) throws(KafkaError) {
        self.settings = settings
        refill = settings.refill
        let context = CallbackContext()
        var role = settings.role
        let (log, resets) = (settings.kafka.log, resets)
        role.kafka.log = { line in
            resets.note(line)
            log?(line)
        }
        handle = try ClientHandle(role, context: context) { configuration in
            rd_kafka_conf_set_rebalance_cb(configuration, rebalanceCallback)
        }
        self.context = context
        self.listener = listener
        self.log = log
        rd_kafka_poll_set_consumer(handle.pointer)
        queue = rd_kafka_queue_get_consumer(handle.pointer)
        answers = EventQueue(rd_kafka_queue_new(handle.pointer), onEvents: onCommitAnswers)
        waker = ConsumerWaker(queue: rd_kafka_queue_get_consumer(handle.pointer))
        batch = .allocate(capacity: 1000)
        batch.initialize(repeating: nil)
        context.onRebalance = { [unowned self] code, list in hear(code, list) }
    }

    deinit {
        // Without a close before, the group notices by the session's time-out.
        context.onRebalance = nil
        answers.close()
        if !isClosed {
            waker.invalidate()
            rd_kafka_queue_destroy(queue)
        }
        batch.deallocate()
    }

    /// Joins the group for `topics`, which must exist.
    package func subscribe(_ topics: [String]) throws(KafkaError) {
        self.topics = topics
        owned = OwnedPartitions(topics: topics.count)
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        let code = rd_kafka_subscribe(handle.pointer, list.pointer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, isFatal: true) }
    }

    // MARK: - Records

    /// Hands out up to `maximum` records, one at a time as librdkafka lends them.
    ///
    /// Waits up to `timeout` for the first one only. Rebalances happen in here. May pause and resume in between.
    ///
    /// - Returns: how many records `body` has seen.
    /// - Throws: fatal errors only, such as a fenced static member; others are logged.
    package func poll(
        timeout: Duration, maximum: Int, _ body: (borrowing BorrowedRecord) -> Void
    ) throws(KafkaError) -> Int {
        var count = 0
        var wait = timeout.kafkaMilliseconds
        while count < maximum, let message = rd_kafka_consumer_poll(handle.pointer, wait) {
            wait = 0
            defer { rd_kafka_message_destroy(message) }
            guard try isRecord(message), let topic = topicIndex(message.pointee.rkt) else { continue }
            guard try take(message, topic: topic) else { continue }
            body(BorrowedRecord(message, topic: topic))
            count += 1
        }
        return count
    }

    /// Hands out up to 1000 records that librdkafka gives over in one call: cheaper per record than
    /// ``poll(timeout:maximum:_:)``. Waits up to `timeout` for the first one only.
    ///
    /// - Parameter body: what is behind the end of the batch will be handed out again by later polls.
    /// - Returns: how many records `body` has taken.
    /// - Throws: fatal errors only.
    package func pollBatch(
        timeout: Duration, _ body: (borrowing BorrowedRecord) -> Next
    ) throws(KafkaError) -> Int {
        let received = receive(timeout)
        defer { destroy(received) }
        var count = 0
        // Messages of a batch keep their topics alive, so that a topic can be known by its address.
        var lastTopic: (pointer: OpaquePointer?, index: Int) = (nil, 0)
        for (position, message) in received.enumerated() {
            guard let message, try isRecord(message) else { continue }
            if message.pointee.rkt != lastTopic.pointer {
                guard let index = topicIndex(message.pointee.rkt) else { continue }
                lastTopic = (message.pointee.rkt, index)
            }
            guard try take(message, topic: lastTopic.index) else { continue }
            let next = body(BorrowedRecord(message, topic: lastTopic.index))
            if next != .stop { count += 1 }
            guard next == .goOn else {
                try giveBack(received[(next == .stop ? position : position + 1)...])
                break
            }
        }
        return count
    }

    /// Whether the record is to be handed out.
    private func take(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, topic: Int
    ) throws(KafkaError) -> Bool {
        let (partition, offset) = (message.pointee.partition, message.pointee.offset)
        refill.took(bytes: message.pointee.len, from: handle)
        if !awaited.isEmpty {
            let place = TopicPartition(topic: topics[topic], partition: partition)
            guard try isToldOf(place, before: offset) else { return false }
        }
        switch owned.take(topic: topic, partition: Int(partition), offset: offset) {
        case .next: break
        case .ahead(let expected):
            judgeGap(TopicPartition(topic: topics[topic], partition: partition), expected, offset)
        case .rewound: listener?.rewound(TopicPartition(topic: topics[topic], partition: partition), to: offset)
        case .stale: return false
        }
        return true
    }

    /// Offsets are missing. Mostly they were no records, or aborted or compacted ones; not where librdkafka has said that
    /// it cannot read on and the log begins behind the place.
    private func judgeGap(_ partition: TopicPartition, _ expected: Int64, _ offset: Int64) {
        guard resets.take(partition) else { return }
        var (low, high) = (Int64(-1), Int64(-1))
        let code = rd_kafka_query_watermark_offsets(
            handle.pointer, partition.topic, partition.partition, &low, &high, 3000)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR || low > expected else { return }
        let text = "\(partition.topic) [\(partition.partition)]: offsets \(expected)..<\(offset) were deleted unread"
        log?(KafkaLogLine(level: 3, facility: "SKIPPED", message: text))
        listener?.skipped(partition, from: expected, to: offset)
    }

    private typealias Messages = Slice<UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>>

    private func destroy(_ messages: Messages) {
        for index in messages.indices {
            if let message = batch[index] { rd_kafka_message_destroy(message) }
            batch[index] = nil
        }
    }

    /// librdkafka's batch call waits until the batch is full or the time is over: only a poll returns with the first.
    private func receive(_ timeout: Duration) -> Messages {
        let ready = fillBatch(from: 0)
        guard ready == 0, timeout > .zero else { return batch[..<ready] }
        guard let first = rd_kafka_consumer_poll(handle.pointer, timeout.kafkaMilliseconds) else { return batch[..<0] }
        batch[0] = first
        return batch[..<fillBatch(from: 1)]
    }

    /// Puts what is ready into the batch, from a position on. Returns where it ends.
    ///
    /// Rebalances that come up meanwhile are looked at when the call has returned. Before, nobody but librdkafka knows
    /// what is in the batch: where a partition's reading position changes it frees records of it, and leaves their
    /// addresses behind the end.
    private func fillBatch(from start: Int) -> Int {
        let room = UnsafeMutableBufferPointer(rebasing: batch[start...])
        postponed = []
        let end = start + read(into: room)
        let rebalances = postponed ?? []
        postponed = nil
        for (code, partitions) in rebalances {
            // They were read before, and come again if the partition does.
            drop(PartitionList.partitions(partitions.pointer), from: batch[..<end])
            withExtendedLifetime(partitions) { rebalance(code, partitions.pointer) }
        }
        return end
    }

    private func read(into room: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>) -> Int {
        // A cooperative group goes on where librdkafka thinks it is after each rebalance; others where it has committed.
        guard LibraryVersion.batchesSkipBehindEnds, isCooperative == true else {
            return max(0, rd_kafka_consume_batch_queue(queue, 0, room.baseAddress, room.count))
        }
        var count = 0
        while count < room.count, let message = rd_kafka_consumer_poll(handle.pointer, 0) {
            room[count] = message
            count += 1
        }
        return count
    }

    private func hear(
        _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
    ) {
        guard postponed != nil else { return rebalance(code, list) }
        postponed?.append((code, PartitionList(copying: list)))
    }

    private func drop(_ partitions: [TopicPartition], from messages: Messages) {
        for index in messages.indices {
            guard let message = batch[index], let partition = partition(of: message) else { continue }
            if partitions.contains(partition) { destroy(batch[index...index]) }
        }
    }

    /// Goes back to the first record of each partition among `messages`. An end is only told once: it counts where no
    /// record is before it.
    private func giveBack(_ messages: Messages) throws(KafkaError) {
        var places: [TopicPartition: Int64] = [:]
        for case let message? in messages where message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            guard let partition = partition(of: message) else { continue }
            places[partition] = min(message.pointee.offset, places[partition] ?? .max)
        }
        for case let message? in messages where message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            guard let partition = partition(of: message), places[partition] == nil else { continue }
            reachEnd(message)
        }
        try seek(places.map { PartitionOffset(topicPartition: $0.key, offset: $0.value) })
    }

    private func isRecord(_ message: UnsafeMutablePointer<rd_kafka_message_t>) throws(KafkaError) -> Bool {
        let code = message.pointee.err
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return true }
        if code == RD_KAFKA_RESP_ERR__PARTITION_EOF, reachEnd(message) { return false }
        if let fatal = KafkaError.fatal(of: handle.pointer) { throw fatal }
        let text = rd_kafka_message_errstr(message).map { String(cString: $0) } ?? ""
        log?(KafkaLogLine(level: 4, facility: KafkaError(code).code, message: text))
        return false
    }

    /// Takes note of a partition's end, in its place among the records, unlike librdkafka's position.
    ///
    /// - Returns: false where it is of no topic of ours.
    @discardableResult
    private func reachEnd(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> Bool {
        guard let topic = topicIndex(message.pointee.rkt) else { return false }
        owned.reachEnd(topic: topic, partition: Int(message.pointee.partition), offset: message.pointee.offset)
        return true
    }

    private func partition(of message: UnsafeMutablePointer<rd_kafka_message_t>) -> TopicPartition? {
        topicIndex(message.pointee.rkt).map {
            TopicPartition(topic: topics[$0], partition: message.pointee.partition)
        }
    }

    private func topicIndex(_ topic: OpaquePointer?) -> Int? {
        guard let topic, let name = rd_kafka_topic_name(topic) else { return nil }
        return topics.firstIndex { $0.withCString { strcmp($0, name) } == 0 }
    }

    // MARK: - End

    /// Leaves the group (a static member stays in it). The listener hears of the revocation before.
    ///
    /// - Returns: false when the group did not let go in time; the consumer is of no more use in either case.
    @discardableResult
    package func close(within deadline: Duration) -> Bool {
        guard !isClosed else { return true }
        isClosed = true
        waker.invalidate()
        let end = ContinuousClock.now + deadline
        // A queue of its own: the consumer's may hold records, which the call that serves callbacks only refuses.
        let closing = rd_kafka_queue_new(handle.pointer)
        defer {
            rd_kafka_queue_destroy(closing)
            rd_kafka_queue_destroy(queue)
        }
        if let error = rd_kafka_consumer_close_queue(handle.pointer, closing) {
            _ = KafkaError(taking: error)
            return false
        }
        while rd_kafka_consumer_closed(handle.pointer) == 0 {
            guard ContinuousClock.now < end else { return false }
            // Records that still arrive are dropped: nothing of them was committed.
            let count = rd_kafka_consume_batch_queue(closing, 20, batch.baseAddress, batch.count)
            destroy(batch[..<max(0, count)])
        }
        return true
    }

    // MARK: - Small things

    func isOwned(_ partition: TopicPartition) -> Bool {
        guard let topic = topics.firstIndex(of: partition.topic) else { return false }
        return owned.owns(topic: topic, partition: Int(partition.partition))
    }

    func setNext(_ partition: TopicPartition, _ offset: Int64) {
        guard let topic = topics.firstIndex(of: partition.topic) else { return }
        owned.own(topic: topic, partition: Int(partition.partition), from: offset)
    }

    func check(_ code: rd_kafka_resp_err_t, _ list: PartitionList?) throws(KafkaError) {
        let failed = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list?.firstError
        if let failed { throw KafkaError(failed) }
    }
}
