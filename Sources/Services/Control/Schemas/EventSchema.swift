internal import Routing

/// The JSON Schema of events: what every one has, and what the routes look at in those of a type. Pure.
///
/// Routes take values as they come, so that a schema says no more about most of them than where they are.
enum EventSchema {
    /// Of any plain JSON event.
    static let any: JSONText = [
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://notificationhub.example/schemas/event.schema.json",
        "title": "Event",
        "description":
            "The value of a record in an input topic, as plain JSON. (CloudEvents 1.0 are taken too, binary and structured.) Everything else that a route, a template or a webhook needs stands beside these members.",
        "type": "object",
        "required": ["event_type"],
        "properties": .object(members),
    ]

    private static let members: [JSONText.Member] = [
        .init(
            name: "event_type",
            value: [
                "description": "What happened, such as order.created.", "type": "string", "minLength": .literal("1"),
            ]),
        .init(
            name: "event_id",
            value: [
                "description": "Part of every notification's id. Without it: topic, partition and offset.",
                "type": ["string", "number", "null"],
            ]),
        .init(
            name: "user_id",
            value: [
                "description": "Whose contact is looked up; the key of the notifications of a record without key.",
                "type": ["string", "number", "null"],
            ]),
        .init(
            name: "timestamp",
            value: [
                "description": "RFC 3339; anything else counts as absent. Without it: the record's timestamp."
            ]),
    ]

    /// Of the events of one type.
    ///
    /// - Parameters:
    ///   - type: exact, or a prefix that ends in `*`.
    ///   - paths: what the routes look at, in dots.
    static func schema(of type: String, paths: [String]) -> JSONText {
        var tree: JSONText = .object(members)
        if type.hasSuffix("*") {
            tree["event_type"] = ["type": "string", "pattern": .text("^\(escaped(String(type.dropLast())))")]
        } else {
            tree["event_type"] = ["const": .text(type)]
        }
        for path in paths { insert(path.split(separator: ".").map(String.init)[...], into: &tree) }
        return ["type": "object", "required": ["event_type"], "properties": tree]
    }

    /// A step into an array, such as `items.0`, is no name; what lies behind it is left open.
    private static func insert(_ steps: ArraySlice<String>, into properties: inout JSONText) {
        guard let name = steps.first, Int(name) == nil else { return }
        var schema = properties[name] ?? [:]
        if steps.count > 1, Int(steps[steps.startIndex + 1]) == nil {
            var inner = schema["properties"] ?? [:]
            insert(steps.dropFirst(), into: &inner)
            schema["properties"] = inner
        }
        properties[name] = schema
    }

    private static func escaped(_ text: String) -> String {
        text.map { ".*+?()[]{}|^$\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }
}
