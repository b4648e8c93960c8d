internal import Events
internal import Kafka
internal import Notifications
internal import Routing
internal import Telemetry

/// One record's way from the poll to the producer: lent as an ``InputRecord``, mapped, sent; or to the dead letters.
///
/// Owner thread only. Everything is reused from record to record.
final class Mapping {
    let metrics: CoreMetrics
    private var mapper: Mapper
    private var routeNames: [String]
    private let maximumEventBytes: Int
    private let outputs: Outputs
    private let group: String
    private let topicNames: [UnsafeRawBufferPointer]
    private var output = MappedOutput()
    private var headers: [InputHeader] = []
    private let log = Log()

    init(_ configuration: CoreConfiguration, outputs: Outputs, metrics: CoreMetrics) {
        let settings = configuration.settings
        maximumEventBytes = settings.maximumEventBytes
        mapper = Mapper(
            table: configuration.table, contacts: configuration.contacts, maximumEventBytes: maximumEventBytes)
        routeNames = configuration.table.routeNames
        self.outputs = outputs
        self.metrics = metrics
        group = settings.group
        topicNames = settings.inputs.map(Self.permanent)
    }

    deinit { for name in topicNames { name.deallocate() } }

    /// Other routes and contacts count from the next record on.
    func use(_ table: RoutingTable, _ contacts: ContactTable) {
        mapper = Mapper(table: table, contacts: contacts, maximumEventBytes: maximumEventBytes)
        routeNames = table.routeNames
        metrics.forgetRoutes()
    }

    /// Maps the record and sends everything that becomes of it.
    func process(_ record: borrowing BorrowedRecord, _ treatment: TransactionBatch.Treatment) throws(KafkaError) {
        metrics.consumed[record.topic].increment()
        guard treatment == .map else {
            return try reject(record, Self.refusal, truncated: treatment == .truncatedDeadLetter)
        }
        headers.removeAll(keepingCapacity: true)
        var traceparent: UnsafeRawBufferPointer?
        record.forEachHeader { header in
            headers.append(InputHeader(name: header.name, value: header.value))
            if WireHeader.traceparent.matches(header.name) { traceparent = header.value }
        }
        let input = InputRecord(
            topic: topicNames[record.topic], partition: record.partition, offset: record.offset,
            timestamp: record.timestamp, key: record.key, value: record.value, headers: headers)
        output.removeAll()
        switch mapper.map(input, into: &output) {
        case .mapped:
            try outputs.send(output, traceparent: traceparent)
            count()
        case .unrouted: metrics.unrouted.increment()
        case .rejected(let rejection): try reject(record, rejection, truncated: false)
        }
    }

    private func reject(
        _ record: borrowing BorrowedRecord, _ rejection: Rejection, truncated: Bool
    ) throws(KafkaError) {
        let owned = OwnedRecord(copying: record)
        let letter = DeadLetter(of: owned, because: rejection, group: group, truncated: truncated)
        do throws(KafkaError) {
            try outputs.send(letter)
        } catch {
            guard error.refusesRecord, !truncated else { throw error }
            // Too large for the producer itself: no need to ask the broker.
            try outputs.send(DeadLetter(of: owned, because: rejection, group: group, truncated: true))
        }
        metrics.rejected(rejection.class.rawValue).increment()
        log.warning(
            "event_rejected", "An event went to the dead letters.",
            [
                LogField("topic", owned.topic), LogField("partition", owned.partition),
                LogField("offset", owned.offset), LogField("class", rejection.class.rawValue),
                LogField("code", rejection.code), LogField("reason", rejection.message),
            ])
    }

    private func count() {
        for position in output.records.indices {
            let route = output.records[position].routeIndex
            switch output.records[position].kind {
            case .notification(let channel):
                metrics.produced(channel, route: route) { routeNames[route] }.increment()
            case .status: metrics.suppressed.increment()
            }
        }
    }

    private static let refusal = Rejection(
        .tooLarge, code: "refused_by_broker",
        message: "the broker does not take what became of this event; it is larger than a topic allows", stage: .map)

    /// A copy of the text that lives as long as the mapping.
    private static func permanent(_ text: String) -> UnsafeRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        bytes.copyBytes(from: text.utf8)
        return UnsafeRawBufferPointer(bytes)
    }
}
