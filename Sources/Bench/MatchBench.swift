import Events
import Routing
import Settings

/// Deciding whether an event matches a route's `when`.
enum MatchBench {
    /// Written as in `when`; every one of them matches the event, which is the longest way.
    private static let patterns = [
        #"{ amount: [{ numeric: [">", 0] }] }"#,
        #"{ currency: [EUR, USD], order_id: [{ prefix: ORD }] }"#,
        #"{ items: { sku: [{ prefix: "B-" }], quantity: [1] } }"#,
        #"{ note: [{ wildcard: "*300*" }], event.type: [{ anything-but: order.cancelled }] }"#,
    ]

    static func run(_ options: BenchOptions) throws {
        for text in patterns { try measure(text, options.rounds) }
    }

    private static func measure(_ text: String, _ rounds: Int) throws {
        let node = try YAMLNode.parse(text, file: "pattern")
        let pattern = try Pattern.compile(node, key: "when", file: "pattern")
        let reader = EventReader()
        var matcher = PatternMatcher()
        try Sample(type: "order.created", form: .plain).withRecord { record in
            let event = try reader.read(record)
            guard try matcher.matches(pattern, event) else { throw BenchError(message: "\(text) does not match") }
            let cost = Meter.measure(rounds) { _ = try? matcher.matches(pattern, event) }
            cost.print("match \(text.prefix(38))")
        }
        withExtendedLifetime(reader) {}
    }
}
