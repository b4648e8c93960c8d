internal import DeadLetters
internal import Events
internal import Kafka
internal import Notifications
internal import Routing
internal import Telemetry
internal import Time

/// One record's way from the poll to the producer: lent as an ``InputRecord``, mapped, sent; or to the dead letters.
///
/// Owner thread only. Everything is reused from record to record.
final class Mapping {
    let metrics: CoreMetrics
    let tracing: CoreTracing
    private var mapper: Mapper
    private var routeNames: [String]
    private let maximumEventBytes: Int
    let outputs: Outputs
    private let group: String
    private let topicNames: [UnsafeRawBufferPointer]
    private var output = MappedOutput()
    private var tally: Tally
    private var headers: [InputHeader] = []
    private let log = Log()

    init(_ configuration: CoreConfiguration, outputs: Outputs, metrics: CoreMetrics, tracing: CoreTracing) {
        let settings = configuration.settings
        maximumEventBytes = settings.maximumEventBytes
        mapper = Mapper(
            table: configuration.table, contacts: configuration.contacts, maximumEventBytes: maximumEventBytes)
        routeNames = configuration.table.routeNames
        self.outputs = outputs
        self.metrics = metrics
        self.tracing = tracing
        group = settings.group
        tally = Tally(topics: settings.inputs.count)
        topicNames = settings.inputs.map(Self.permanent)
    }

    deinit { for name in topicNames { name.deallocate() } }

    /// The transaction has ended: what was done counts, or it never happened.
    func settle(committed: Bool) {
        if committed { tally.count(in: metrics, routeNames: routeNames, now: .now()) }
        tally.clear()
        tracing.settle(committed: committed)
    }

    /// Other routes and contacts count from the next record on. Only between transactions.
    func use(_ table: RoutingTable, _ contacts: ContactTable) {
        mapper = Mapper(table: table, contacts: contacts, maximumEventBytes: maximumEventBytes)
        routeNames = table.routeNames
    }

    /// Maps the record and sends everything that becomes of it.
    ///
    /// - Parameter refusal: Kafka's code for why the record is not mapped, where it is not.
    func process(
        _ record: borrowing BorrowedRecord, _ treatment: TransactionBatch.Treatment, refusal: String?
    ) throws(KafkaError) {
        tally.consume(topic: record.topic, partition: record.partition, timestamp: record.timestamp)
        tracing.arrive()
        switch treatment {
        case .map: try map(record)
        case .deadLetter: try reject(record, .refused(refusal), form: .whole)
        case .truncatedDeadLetter: try reject(record, .refused(refusal), form: .truncated)
        case .bareDeadLetter: try reject(record, .refused(refusal), form: .bare)
        }
    }

    private func map(_ record: borrowing BorrowedRecord) throws(KafkaError) {
        headers.removeAll(keepingCapacity: true)
        var trace = CoreTracing.Headers()
        record.forEachHeader { header in
            headers.append(InputHeader(name: header.name, value: header.value))
            trace.take(header)
        }
        let input = InputRecord(
            topic: topicNames[record.topic], partition: record.partition, offset: record.offset,
            timestamp: record.timestamp, key: record.key, value: record.value, headers: headers)
        output.removeAll()
        switch mapper.map(input, into: &output) {
        case .mapped:
            let tracestate = tracing.begin(trace, of: record)
            try outputs.send(output, tracestate: tracestate)
            for position in output.records.indices { tally.produce(output.records[position]) }
            tracing.end()
        case .unrouted:
            tally.unroute()
            if tracing.isExporting {
                tracing.begin(trace, of: record)
                tracing.end()
            }
        case .rejected(let rejection): try reject(record, DeadLetter.Reason(rejection), form: .whole)
        }
    }

    private func reject(
        _ record: borrowing BorrowedRecord, _ reason: DeadLetter.Reason, form: DeadLetter.Form
    ) throws(KafkaError) {
        let owned = OwnedRecord(copying: record)
        try send(owned, reason, DeadLetter.Form.allCases.drop { $0 != form })
        tally.reject(reason.class)
        tracing.reject(record, reason.class.rawValue)
        log.warning(
            "event_rejected", "An event went to the dead letters.",
            [
                LogField("topic", owned.topic), LogField("partition", owned.partition),
                LogField("offset", owned.offset), LogField("class", reason.class.rawValue),
                LogField("code", reason.code), LogField("reason", reason.message),
            ])
    }

    /// Sends the first of the forms that is not too large for the producer itself; of those the broker is not asked.
    private func send(
        _ record: OwnedRecord, _ reason: DeadLetter.Reason, _ forms: ArraySlice<DeadLetter.Form>
    ) throws(KafkaError) {
        guard let form = forms.first else { return }
        do throws(KafkaError) {
            try outputs.send(DeadLetter(of: record, because: reason, group: group, form: form))
        } catch {
            guard error.refusesRecord, forms.count > 1 else { throw error }
            try send(record, reason, forms.dropFirst())
        }
    }

    /// A copy of the text that lives as long as the mapping.
    private static func permanent(_ text: String) -> UnsafeRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        bytes.copyBytes(from: text.utf8)
        return UnsafeRawBufferPointer(bytes)
    }
}
