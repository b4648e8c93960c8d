package import Events
internal import JSONBytes
internal import Notifications

/// Maps input records to the records they become: reads the event, asks the routes, composes the notifications.
///
/// Reads no clock and no random number: the same record with the same table and contact always gives the same bytes.
/// Not thread-safe: one owner at a time.
/// A struct, so that the compiler proves once for all that nobody else is at work with it, and not every part at run
/// time.
package struct Mapper: ~Copyable {
    /// Types whose routes are remembered: more and longer ones than a system has, but hostile types cannot fill the
    /// memory.
    private static let maximumCachedTypes = 4_096
    private static let maximumCachedTypeLength = 256

    package let table: RoutingTable

    private let reader: EventReader
    private let contacts: ContactTable
    private var composer = Composer()
    private var matcher = PatternMatcher()
    private var routesByType = ByteTable<[Int]>()

    /// - Parameter maximumEventBytes: a larger record is rejected.
    package init(table: RoutingTable, contacts: ContactTable, maximumEventBytes: Int = 1 << 20) {
        self.table = table
        self.contacts = contacts
        reader = EventReader(maximumBytes: maximumEventBytes)
    }

    /// Appends what `record` becomes to `output`; nothing where it is rejected or no route wants it.
    package mutating func map(_ record: borrowing InputRecord, into output: inout MappedOutput) -> MapResult {
        let start = (bytes: output.bytes.count, records: output.records.count)
        do throws(Rejection) {
            return try mapEvent(record, into: &output)
        } catch {
            output.bytes.truncate(to: start.bytes)
            output.records.removeLast(output.records.count - start.records)
            return .rejected(error)
        }
    }

    private mutating func mapEvent(
        _ record: borrowing InputRecord, into output: inout MappedOutput
    ) throws(Rejection) -> MapResult {
        let event = try reader.read(record)
        let candidates = routes(for: event.type)
        var hasBegun = false
        var steps = 0
        for index in candidates {
            let route = table.routes[index]
            if let pattern = route.pattern, try !matcher.matches(pattern, event, steps: &steps) { continue }
            if !hasBegun {
                hasBegun = true
                let contact = event.userID.flatMap(contacts.lookup)
                composer.begin(event, contact: contact, record, into: &output)
            }
            for entry in route.entries { try composer.compose(entry, routeIndex: index, into: &output) }
        }
        guard hasBegun else { return .unrouted }
        return .mapped(notifications: composer.notifications, suppressed: composer.suppressed)
    }

    private mutating func routes(for type: UnsafeRawBufferPointer) -> [Int] {
        if let routes = routesByType.value(for: type) { return routes }
        let routes = table.routes(for: type)
        guard type.count <= Self.maximumCachedTypeLength else { return routes }
        if routesByType.count >= Self.maximumCachedTypes { routesByType.removeAll() }
        routesByType.set(routes, for: type)
        return routes
    }
}
