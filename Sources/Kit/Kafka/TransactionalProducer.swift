internal import CRdKafka

/// Sends records and consumer offsets in transactions: a reader of committed records sees all of one or nothing.
///
/// One thread owns it and makes every call. The order is ``initTransactions(timeout:)`` once, then ``begin()``,
/// ``send(to:key:value:headers:)`` and ``sendOffsets(_:of:timeout:)``, ``commit(timeout:)`` or ``abort(timeout:)``.
package final class TransactionalProducer {
    private let handle: ClientHandle
    private let topics: TopicHandles
    /// Why the broker did not take a record of the current transaction, where it did not: of several reasons the first
    /// one that refuses its record, else the first one.
    package private(set) var deliveryFailure: KafkaError?
    /// What the caller calls the records that it sends from now on.
    package var tag = 0
    /// The tags of records that the broker has refused in the transaction that was begun last.
    package private(set) var refusedTags: Set<Int> = []

    /// How long a record may wait for a place in librdkafka's queue; at first as long as a transaction may be open.
    package var queueTimeout: Duration
    /// Asked again and again while a record waits for a place: whether to go on. The caller's heartbeat belongs here.
    package var goesOnWaiting: () -> Bool = { true }

    /// - Parameters:
    ///   - transactionalID: whoever starts with the same name later fences this producer.
    ///   - transactionTimeout: after this long without an end the broker aborts a transaction by itself.
    package init(
        _ settings: ProducerSettings, transactionalID: String, transactionTimeout: Duration
    ) throws(KafkaError) {
        queueTimeout = transactionTimeout
        let context = CallbackContext()
        let role = settings.role(transactionalID: transactionalID, transactionTimeout: transactionTimeout)
        handle = try ClientHandle(role, context: context) { configuration in
            // Without any delivery report callback librdkafka looks only every 10 ms whether a commit may go on.
            rd_kafka_conf_set_dr_msg_cb(configuration, failedDeliveryCallback)
        }
        topics = TopicHandles(client: handle.pointer)
        context.onDelivery = { [unowned self] message in delivered(message) }
    }

    deinit { topics.close() }

    /// The handle of an output topic, for ``send(to:key:value:headers:)``; asks the cluster about it.
    package func topic(_ name: String, timeout: Duration = .seconds(10)) throws(KafkaError) -> TopicHandle {
        let index = try topics.index(of: name)
        try topics.warmUp(index, timeout: timeout)
        return TopicHandle(index: index)
    }

    /// Asks the cluster about every output topic again, so that one that has come back is found at once.
    ///
    /// - Throws: the first error, which may be of one topic only.
    package func refreshTopics(timeout: Duration) throws(KafkaError) {
        for index in topics.all { try topics.warmUp(index, timeout: timeout) }
    }

    // MARK: - Transactions

    /// Takes over the transactional id: an older producer of the name is fenced, its open transaction aborted. Unless
    /// it fails with a fatal error it can be called again, and goes on where it was.
    package func initTransactions(timeout: Duration) throws(KafkaError) {
        try repeating(timeout) { rd_kafka_init_transactions(handle.pointer, $0) }
    }

    package func begin() throws(KafkaError) {
        deliveryFailure = nil
        refusedTags = []
        // Beginning with a fatal error pending can hang.
        if let fatal = KafkaError.fatal(of: handle.pointer) { throw fatal }
        try check(rd_kafka_begin_transaction(handle.pointer))
    }

    /// Queues a record; its key, value and headers are copied. Waits while librdkafka's queue is full.
    ///
    /// - Throws: `_QUEUE_FULL` when no place came free in time: then the transaction is not broken, but is best aborted.
    package func send(
        to topic: TopicHandle, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
        headers build: (inout HeaderList) -> Void
    ) throws(KafkaError) {
        var headers = HeaderList(capacity: 8)
        build(&headers)
        var end: ContinuousClock.Instant?
        while let error = nh_kafka_produce(
            handle.pointer, topics[topic.index], RD_KAFKA_MSG_F_COPY, key?.baseAddress, key?.count ?? 0,
            value?.baseAddress, value?.count ?? 0, headers.raw, UnsafeMutableRawPointer(bitPattern: tag))
        {
            let failure = KafkaError(taking: error)
            guard failure.code == "_QUEUE_FULL" else { throw failure }
            let deadline = end ?? .now + queueTimeout
            end = deadline
            guard goesOnWaiting(), ContinuousClock.now < deadline else { throw failure }
            rd_kafka_poll(handle.pointer, 5)
        }
        headers.handOver()
    }

    /// Serves delivery reports; to be called now and then between records, so that they do not pile up.
    package func serve() { rd_kafka_poll(handle.pointer, 0) }

    /// Records that are neither acknowledged nor refused; serves the delivery reports before it counts.
    package var unsettled: Int {
        serve()
        return Int(rd_kafka_outq_len(handle.pointer))
    }

    /// Makes the offsets part of the transaction, on behalf of the consumer's current membership.
    ///
    /// - Parameter timeout: while the coordinator is away it may take 10 s longer (`socket.timeout.ms`), and where it went
    ///   with the request on its way, until a broker is back: librdkafka does not look at the limit then (its #5456).
    package func sendOffsets(
        _ offsets: [PartitionOffset], of consumer: Consumer, timeout: Duration
    ) throws(KafkaError) {
        let list = PartitionList(offsets)
        // Fresh every time: it holds the generation of the group.
        let metadata = rd_kafka_consumer_group_metadata(consumer.handle.pointer)
        defer { if let metadata { rd_kafka_consumer_group_metadata_destroy(metadata) } }
        try repeating(timeout) { rd_kafka_send_offsets_to_transaction(handle.pointer, list.pointer, metadata, $0) }
    }

    /// Waits until every record is acknowledged and the transaction committed.
    package func commit(timeout: Duration) throws(KafkaError) {
        try repeating(timeout) { rd_kafka_commit_transaction(handle.pointer, $0) }
    }

    /// Ends the transaction without effect. When this returns, the transaction surely was not committed.
    package func abort(timeout: Duration) throws(KafkaError) {
        let end = ContinuousClock.now + timeout
        while true {
            do throws(KafkaError) {
                try repeating(end - ContinuousClock.now) { rd_kafka_abort_transaction(handle.pointer, $0) }
                deliveryFailure = nil
                return
            } catch {
                // An abort can fail with "abort it" when the coordinator was away: it must be called again.
                guard error.requiresAbort, !error.isFatal, ContinuousClock.now < end else { throw error }
                rd_kafka_poll(handle.pointer, 20)
            }
        }
    }

    /// The fatal error that the producer has raised, if it has.
    package var fatalError: KafkaError? { KafkaError.fatal(of: handle.pointer) }

    /// Repeats a resumable call while librdkafka says so and the time is not over.
    private func repeating(_ timeout: Duration, _ call: (Int32) -> OpaquePointer?) throws(KafkaError) {
        let end = ContinuousClock.now + timeout
        while let error = call(max(1, (end - ContinuousClock.now).kafkaMilliseconds)) {
            let failure = KafkaError(taking: error)
            guard failure.isRetriable, !failure.isFatal, ContinuousClock.now < end else { throw failure }
        }
    }

    private func check(_ error: OpaquePointer?) throws(KafkaError) {
        if let error { throw KafkaError(taking: error) }
    }

    private func delivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        let code = message.pointee.err
        // An abort purges what is still queued.
        let purged = code == RD_KAFKA_RESP_ERR__PURGE_QUEUE || code == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
        guard !purged else { return }
        let error = KafkaError(code)
        guard error.refusesRecord else {
            deliveryFailure = deliveryFailure ?? error
            return
        }
        refusedTags.insert(Int(bitPattern: message.pointee._private))
        // The rest of a refused batch may have been reported before, with an error that only says so.
        if deliveryFailure?.refusesRecord != true { deliveryFailure = error }
    }
}

/// An output topic of the producer that made the handle.
package struct TopicHandle: Sendable, Hashable {
    let index: Int
}

/// Passes on the report of a record that failed: the others, nearly all, cost only the call.
private func failedDeliveryCallback(
    _ handle: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let message, message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    CallbackContext.from(opaque)?.onDelivery?(message)
}
