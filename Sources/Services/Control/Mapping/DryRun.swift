internal import Events
internal import JSONBytes
internal import Kafka
internal import Notifications
internal import Routing

/// Counts what tables make of events, and where two tables differ. One thread; everything is reused from event to
/// event.
final class DryRun {
    /// What one table makes of all events.
    struct Counts: Equatable {
        /// By route and channel.
        var notifications: [Cell: Int] = [:]
        var suppressed: [Cell: Int] = [:]
        var rejected = 0
        var unrouted = 0
    }

    struct Cell: Hashable {
        var route: String
        var channel: ChannelName
    }

    /// How a notification differs from one table to the other.
    enum Change: String, CaseIterable { case added, removed, changed }

    struct Example: Equatable {
        var change: Change
        var channel: ChannelName
        var route: String
        /// Where the event is.
        var place: String
        var eventType: String
        var id: String
    }

    private(set) var events = 0
    private(set) var before = Counts()
    private(set) var after: Counts?
    private(set) var changes: [Change: [ChannelName: Int]] = [:]
    private(set) var examples: [Example] = []

    private let sides: [Side]
    private let maximumExamples: Int
    private var headers: [InputHeader] = []

    /// One table at work.
    private final class Side {
        var mapper: Mapper
        let routes: [String]
        var output = MappedOutput()
        /// By the record's kind and route.
        var notifications: [[Int]]
        var suppressed: [[Int]]
        var rejected = 0
        var unrouted = 0

        init(_ table: RoutingTable, _ contacts: ContactTable, maximumEventBytes: Int) {
            mapper = Mapper(table: table, contacts: contacts, maximumEventBytes: maximumEventBytes)
            routes = table.routeNames
            let empty = [Int](repeating: 0, count: ChannelName.allCases.count)
            notifications = Array(repeating: empty, count: routes.count)
            suppressed = notifications
        }

        func map(_ record: borrowing InputRecord) {
            output.removeAll()
            switch mapper.map(record, into: &output) {
            case .mapped:
                for index in output.records.indices {
                    switch output.records[index].kind {
                    case .notification(let channel):
                        notifications[output.records[index].routeIndex][DryRun.index(channel)] += 1
                    case .status(let channel):
                        suppressed[output.records[index].routeIndex][DryRun.index(channel)] += 1
                    }
                }
            case .unrouted: unrouted += 1
            case .rejected: rejected += 1
            }
        }

        var counts: Counts {
            var counts = Counts(rejected: rejected, unrouted: unrouted)
            for (route, name) in routes.enumerated() {
                for channel in ChannelName.allCases {
                    let cell = Cell(route: name, channel: channel)
                    let (sent, kept) = (
                        notifications[route][DryRun.index(channel)], suppressed[route][DryRun.index(channel)]
                    )
                    if sent > 0 { counts.notifications[cell] = sent }
                    if kept > 0 { counts.suppressed[cell] = kept }
                }
            }
            return counts
        }
    }

    fileprivate static func index(_ channel: ChannelName) -> Int {
        switch channel {
        case .email: 0
        case .sms: 1
        case .webhook: 2
        case .slack: 3
        }
    }

    /// - Parameters:
    ///   - tables: one, or two to compare.
    ///   - contacts: of each its own, since looking up has a state.
    init(_ tables: [(RoutingTable, ContactTable)], maximumEventBytes: Int, maximumExamples: Int) {
        sides = tables.map { Side($0.0, $0.1, maximumEventBytes: maximumEventBytes) }
        self.maximumExamples = maximumExamples
    }

    /// Takes an event of an input topic; the topic's name must live as long as this.
    func take(_ record: borrowing BorrowedRecord, topic: UnsafeRawBufferPointer) {
        headers.removeAll(keepingCapacity: true)
        record.forEachHeader { headers.append(InputHeader(name: $0.name, value: $0.value)) }
        let input = InputRecord(
            topic: topic, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
            key: record.key, value: record.value, headers: headers)
        take(input)
    }

    func take(_ record: borrowing InputRecord) {
        events += 1
        for side in sides { side.map(record) }
        if sides.count == 2 { compare(record) }
    }

    /// Ends the counting.
    func finish() {
        before = sides[0].counts
        after = sides.count == 2 ? sides[1].counts : nil
    }

    // MARK: - Differences

    private func compare(_ record: borrowing InputRecord) {
        let (left, right) = (sides[0], sides[1])
        // Nearly all: the same bytes, of which ids, routes and recipients are a part.
        if left.output.bytes.bytes.hasSameBytes(as: right.output.bytes.bytes) { return }
        let (old, new) = (notifications(of: left), notifications(of: right))
        for (id, entry) in old where new[id] == nil { note(.removed, entry, record) }
        for (id, entry) in new {
            guard let other = old[id] else {
                note(.added, entry, record)
                continue
            }
            if !left.output.bytes[other.value].hasSameBytes(as: right.output.bytes[entry.value]) {
                note(.changed, entry, record)
            }
        }
    }

    private struct Entry {
        var channel: ChannelName
        var route: String
        var id: String
        var value: Range<Int>
    }

    private func notifications(of side: Side) -> [String: Entry] {
        var found: [String: Entry] = [:]
        for index in side.output.records.indices {
            let record = side.output.records[index]
            guard case .notification(let channel) = record.kind else { continue }
            let id = String(decoding: side.output.bytes[record.id], as: UTF8.self)
            found[id] = Entry(channel: channel, route: side.routes[record.routeIndex], id: id, value: record.value)
        }
        return found
    }

    private func note(_ change: Change, _ entry: Entry, _ record: borrowing InputRecord) {
        changes[change, default: [:]][entry.channel, default: 0] += 1
        let alike = examples.count { $0.change == change && $0.channel == entry.channel }
        guard alike < maximumExamples else { return }
        let topic = String(decoding: record.topic, as: UTF8.self)
        examples.append(
            Example(
                change: change, channel: entry.channel, route: entry.route,
                place: "\(topic):\(record.partition):\(record.offset)", eventType: Self.type(of: record),
                id: entry.id))
    }

    private static func type(of record: borrowing InputRecord) -> String {
        let event = try? EventReader(maximumBytes: .max).read(record)
        return event.map { String(decoding: $0.type, as: UTF8.self) } ?? ""
    }

    /// `+12 sms, -3 slack, ~5 email`; empty where nothing differs.
    var difference: String {
        let signs: [(Change, String)] = [(.added, "+"), (.removed, "-"), (.changed, "~")]
        return signs.flatMap { change, sign in
            ChannelName.allCases.compactMap { channel in
                changes[change]?[channel].map { "\(sign)\($0) \(channel.rawValue)" }
            }
        }.joined(separator: ", ")
    }
}
