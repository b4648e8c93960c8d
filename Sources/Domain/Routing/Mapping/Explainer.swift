package import Events
internal import JSONBytes
internal import Notifications

/// Says what a table makes of one record, and why: the same reader, matcher and composer as the ``Mapper``, with the
/// reasons kept. For people, not for the hot path.
///
/// Not thread-safe: one owner at a time.
package final class Explainer {
    /// Why a route fired or did not.
    package enum Verdict: Sendable, Equatable {
        case matched
        /// It wants other types of events: these.
        case otherType([String])
        /// The first condition that no value of the event meets; of each alternative where there are several.
        case failed([Failure])
    }

    package struct Failure: Sendable, Equatable {
        /// The path with dots.
        package let field: String
        /// What is asked of it, as JSON.
        package let condition: String
        /// What the event has there, as JSON; nil where it has nothing.
        package let found: String?
    }

    package struct RouteVerdict: Sendable, Equatable {
        package let route: String
        package let verdict: Verdict
    }

    /// What the record is as an event.
    package struct Summary: Sendable, Equatable {
        package let id: String
        package let type: String
        package let source: String
        package let time: String
        package let userID: String?
        package let hasContact: Bool
    }

    package struct Explanation: Sendable, Equatable {
        /// nil where the record is no event; the mapper says why.
        package let event: Summary?
        /// Every route of the table, in its order.
        package let routes: [RouteVerdict]
    }

    private let table: RoutingTable
    private let contacts: ContactTable
    private let reader: EventReader
    private var matcher = PatternMatcher()

    package init(table: RoutingTable, contacts: ContactTable, maximumEventBytes: Int = 1 << 20) {
        self.table = table
        self.contacts = contacts
        reader = EventReader(maximumBytes: maximumEventBytes)
    }

    package func explain(_ record: borrowing InputRecord) -> Explanation {
        guard let event = try? reader.read(record) else { return Explanation(event: nil, routes: []) }
        let text = { (bytes: UnsafeRawBufferPointer) in String(decoding: bytes, as: UTF8.self) }
        let summary = Summary(
            id: text(event.id), type: text(event.type), source: text(event.source), time: text(event.time),
            userID: event.userID.map(text), hasContact: event.userID.flatMap(contacts.lookup) != nil)
        let routes = table.routes.map { RouteVerdict(route: $0.name, verdict: verdict($0, event)) }
        return Explanation(event: summary, routes: routes)
    }

    private func verdict(_ route: Route, _ event: Event) -> Verdict {
        guard route.events.contains(where: { $0.matches(event.type) }) else {
            return .otherType(route.events.map(\.text))
        }
        guard let pattern = route.pattern else { return .matched }
        let failures = matcher.failures(of: pattern, event)
        guard !failures.isEmpty else { return .matched }
        return .failed(
            failures.map { Failure(field: $0.name, condition: $0.source, found: Self.value(of: $0, event)) })
    }

    /// What the event has at a field: the value, or all of them where arrays or names with dots are on the way.
    private static func value(of field: Pattern.Field, _ event: Event) -> String? {
        switch field.root {
        case .attribute(let attribute):
            guard let text = attribute.value(in: event) else { return nil }
            var writer = JSONWriter()
            writer.string(text)
            return String(decoding: writer.finish(), as: UTF8.self)
        case .data(let path):
            var values: [String] = []
            collect(event.data, path, from: 0, into: &values)
            return values.count > 1 ? "[\(values.joined(separator: ","))]" : values.first
        }
    }

    private static func collect(_ value: JSONValue, _ path: FieldPath, from place: Int, into values: inout [String]) {
        guard place < path.count else {
            return values.append(String(decoding: value.json, as: UTF8.self))
        }
        if value.kind == .array { value.forEachElement { collect($0, path, from: place, into: &values) } }
        var visits = 0
        for last in place..<path.count {
            guard let member = path.member(place...last, of: value, visits: &visits) else { continue }
            collect(member, path, from: last + 1, into: &values)
        }
    }
}
