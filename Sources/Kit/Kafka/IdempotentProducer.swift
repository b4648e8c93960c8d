internal import CRdKafka

/// Sends records at least once and reports every one of them: in order, without doubles of its own making.
///
/// A record counts as sent only when its report says so. A fatal error of librdkafka's idempotence (a sequence that
/// got out of step after a broker failure) does not reach the caller: the client is rebuilt and everything that was
/// not acknowledged goes out again, so that a record can come twice then, but none is lost.
///
/// One thread owns it and makes every call.
package final class IdempotentProducer {
    /// The end of one record.
    package struct Report: Sendable {
        /// The token of the `send`.
        package let token: UInt64
        /// Nil when the record is safely stored; else it will not be sent any more.
        package let error: KafkaError?
        /// Where it is stored; -1 where it is not.
        package var partition: Int32 = -1
        package var offset: Int64 = -1
    }

    private let settings: ProducerSettings
    private let onReports: (@Sendable () -> Void)?
    private var client: Client?
    /// Records without a report, each at the place that librdkafka gives back with its report.
    private var pending: [PendingRecord?] = []
    private var freePlaces: [Int] = []
    private var nextSerial: UInt64 = 0
    private var reports: [Report] = []
    /// Set by a report that says the client is broken: its records are sent again by the next client.
    private var isBroken = false

    /// How often the client had to be rebuilt.
    package private(set) var rebuilds = 0

    /// - Parameter onReports: called on a thread of librdkafka when reports wait for ``poll(timeout:_:)``; must only
    ///   wake the owner.
    package init(_ settings: ProducerSettings, onReports: (@Sendable () -> Void)? = nil) throws(KafkaError) {
        self.settings = settings
        self.onReports = onReports
        client = try makeClient()
    }

    deinit {
        // Its last reports come in here, while this object still is one.
        client = nil
    }

    /// Records that have no report yet.
    package var pendingCount: Int { pending.count - freePlaces.count }

    /// Queues a record. Its bytes are shared until the report has come, and librdkafka makes a copy of its own.
    ///
    /// - Parameter token: returned in the report; the caller's own.
    /// - Throws: what makes this very record impossible (too large, no such topic), or a full queue, which is
    ///   retriable after a ``poll(timeout:_:)``. There will be no report then.
    package func send(topic: String, _ content: RecordContent, token: UInt64) throws(KafkaError) {
        try rebuildIfBroken()
        let record = PendingRecord(topic: topic, content: content, token: token, serial: nextSerial)
        let place = freePlaces.last ?? pending.count
        try client?.send(record, place: place)
        if place == pending.count { pending.append(record) } else { pending[freePlaces.removeLast()] = record }
        nextSerial += 1
    }

    /// The same for a record in parts.
    package func send(
        topic: String, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders, token: UInt64
    ) throws(KafkaError) {
        try send(topic: topic, RecordContent(key: key, value: value, headers: headers), token: token)
    }

    /// Hands out the reports that have arrived; waits up to `timeout` for the first.
    ///
    /// - Throws: only when a broken client could not be replaced.
    package func poll(timeout: Duration, _ body: (Report) -> Void) throws(KafkaError) {
        try rebuildIfBroken()
        if let client { rd_kafka_poll(client.handle.pointer, reports.isEmpty ? timeout.kafkaMilliseconds : 0) }
        let arrived = reports
        reports.removeAll(keepingCapacity: true)
        for report in arrived { body(report) }
    }

    /// Waits until every record has its report, handing the reports out.
    ///
    /// - Returns: false when records are still without a report after `timeout`.
    package func flush(timeout: Duration, _ body: (Report) -> Void) throws(KafkaError) -> Bool {
        let end = ContinuousClock.now + timeout
        while !(pendingCount == 0 && reports.isEmpty) {
            let left = end - ContinuousClock.now
            guard left > .zero else { return false }
            try poll(timeout: min(left, .milliseconds(100)), body)
        }
        return true
    }

    /// Asks the cluster about the topic, so that the first record does not wait for it.
    package func warmUp(topic: String, timeout: Duration = .seconds(10)) throws(KafkaError) {
        guard let client else { return }
        try client.topics.warmUp(try client.topics.index(of: topic), timeout: timeout)
    }

    // MARK: - The client and its replacement

    private func makeClient() throws(KafkaError) -> Client {
        let context = CallbackContext()
        let client = try Client(settings, context: context, onReports: onReports)
        context.onDelivery = { [unowned self] message in delivered(message) }
        return client
    }

    private func delivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        let place = Int(bitPattern: message.pointee._private) - 1
        guard pending.indices.contains(place), let record = pending[place] else { return }
        let code = message.pointee.err
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, isBroken || client?.fatalError != nil {
            isBroken = true
            return
        }
        let error = code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code)
        end(
            place,
            Report(
                token: record.token, error: error, partition: message.pointee.partition,
                offset: message.pointee.offset))
    }

    private func end(_ place: Int, _ report: Report) {
        pending[place] = nil
        freePlaces.append(place)
        reports.append(report)
    }

    private func rebuildIfBroken() throws(KafkaError) {
        guard isBroken || client == nil || client?.fatalError != nil else { return }
        isBroken = true
        // Reports of the old client come in here: successes count, purged records stay pending.
        client?.purge()
        client = nil
        let replacement = try makeClient()
        let unsent = pending.enumerated().compactMap { place, record in record.map { (place: place, record: $0) } }
        // In the order of `send`.
        for (place, record) in unsent.sorted(by: { $0.record.serial < $1.record.serial }) {
            do throws(KafkaError) {
                try replacement.send(record, place: place)
            } catch {
                end(place, Report(token: record.token, error: error))
            }
        }
        client = replacement
        isBroken = false
        rebuilds += 1
    }
}

/// A record that has no report yet: what is needed to send it again.
private struct PendingRecord {
    let topic: String
    let content: RecordContent
    let token: UInt64
    /// Grows with every `send`.
    let serial: UInt64
}

/// One librdkafka producer with its topics.
private final class Client {
    let handle: ClientHandle
    let topics: TopicHandles
    private let reports: EventQueue

    init(
        _ settings: ProducerSettings, context: CallbackContext, onReports: (@Sendable () -> Void)?
    ) throws(KafkaError) {
        handle = try ClientHandle(settings.role, context: context) { configuration in
            rd_kafka_conf_set_dr_msg_cb(configuration, deliveryCallback)
        }
        topics = TopicHandles(client: handle.pointer)
        reports = EventQueue(rd_kafka_queue_get_main(handle.pointer), onEvents: onReports)
    }

    deinit {
        reports.close()
        topics.close()
    }

    var fatalError: KafkaError? { KafkaError.fatal(of: handle.pointer) }

    /// - Parameter place: comes back with the report.
    func send(_ record: PendingRecord, place: Int) throws(KafkaError) {
        let topic = topics[try topics.index(of: record.topic)]
        let content = record.content
        var headers = HeaderList(capacity: content.headers.count)
        headers.add(content.headers)
        let error = content.withKey { key in
            content.withValue { value in
                // Nothing may have no address, but an empty value is no tombstone.
                let (key, value) = (key.map(HeaderList.present), value.map(HeaderList.present))
                return nh_kafka_produce(
                    handle.pointer, topic, RD_KAFKA_MSG_F_COPY, key?.baseAddress, key?.count ?? 0,
                    value?.baseAddress, value?.count ?? 0, headers.raw, UnsafeMutableRawPointer(bitPattern: place + 1))
            }
        }
        if let error { throw KafkaError(taking: error) }
        headers.handOver()
    }

    /// Gives up everything that is queued or under way; each record gets its report.
    func purge() {
        rd_kafka_purge(handle.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
        rd_kafka_flush(handle.pointer, 5000)
    }
}

/// Passes a delivery report on to the client's context.
private func deliveryCallback(
    _ handle: OpaquePointer?, _ message: UnsafePointer<rd_kafka_message_t>?, _ opaque: UnsafeMutableRawPointer?
) {
    guard let message else { return }
    CallbackContext.from(opaque)?.onDelivery?(message)
}
