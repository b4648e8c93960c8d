internal import Core
internal import DeliveryEngine
internal import Notifications
internal import Routing

/// An AsyncAPI 3 document of the topics, their messages, and which routes lead from one to the other. Pure.
struct AsyncAPIDocument {
    let outline: [RouteOutline]
    let inputs: [String]
    let outputs: [(channel: ChannelName, topic: String)]
    let statusTopic: String
    let brokers: String
    let version: String

    /// Types of events in the order of the routes, each once.
    private var types: [String] {
        var seen: Set<String> = []
        return outline.flatMap(\.events).filter { seen.insert($0).inserted }
    }

    private func routes(of type: String) -> [RouteOutline] { outline.filter { $0.events.contains(type) } }

    /// `order.created` is published to `order.events`; a type without such a topic may come by any of them.
    private func topics(of type: String) -> [String] {
        let fitting = inputs.filter { $0.split(separator: ".").first == type.split(separator: ".").first }
        return fitting.isEmpty ? inputs : fitting
    }

    var json: JSONText {
        [
            "asyncapi": "3.0.0",
            "info": [
                "title": "NotificationHub", "version": .text(version),
                "description":
                    "Domain events come in; notifications go out to the topics of their channels, and what became of each attempt to the status topic. Made from the routing table.",
            ],
            "servers": ["kafka": ["host": .text(brokers), "protocol": "kafka"]],
            "defaultContentType": "application/json",
            "channels": .object(channels),
            "operations": .object(operations),
            "components": ["messages": .object(messages)],
        ]
    }

    // MARK: - Channels

    private var channels: [JSONText.Member] {
        var members: [JSONText.Member] = []
        for topic in inputs {
            let names = types.filter { topics(of: $0).contains(topic) }.map(Self.name)
            members.append(channel(topic, "Domain events.", messages: names))
        }
        for output in outputs {
            members.append(
                channel(
                    output.topic, "Notifications by \(output.channel.rawValue).",
                    messages: [Self.name(of: output.channel)]))
        }
        members.append(channel(statusTopic, "One record for each attempt that ended.", messages: ["status"]))
        return members
    }

    private func channel(_ topic: String, _ description: String, messages: [String]) -> JSONText.Member {
        let references = messages.map { name in
            JSONText.Member(name: name, value: ["$ref": .text("#/components/messages/\(name)")])
        }
        return .init(
            name: topic,
            value: [
                "address": .text(topic), "description": .text(description), "messages": .object(references),
                "bindings": ["kafka": ["topic": .text(topic)]],
            ])
    }

    // MARK: - Operations

    private var operations: [JSONText.Member] {
        var members = inputs.map { topic in
            JSONText.Member(
                name: "receive.\(topic)",
                value: [
                    "action": "receive", "channel": ["$ref": .text("#/channels/\(topic)")],
                    "summary": "The core maps each event by every route that matches.",
                ])
        }
        for output in outputs {
            let routes = outline.filter { $0.channels.contains(output.channel) }
            guard !routes.isEmpty else { continue }
            let names = routes.map { JSONText.text($0.name) }
            members.append(
                .init(
                    name: "send.\(output.topic)",
                    value: [
                        "action": "send", "channel": ["$ref": .text("#/channels/\(output.topic)")],
                        "summary": "The core writes what these routes make.", "x-routes": .list(names),
                    ]))
        }
        members.append(
            .init(
                name: "send.\(statusTopic)",
                value: [
                    "action": "send", "channel": ["$ref": .text("#/channels/\(statusTopic)")],
                    "summary": "Consumers say how each attempt ended; the core, which entries have no recipient.",
                ]))
        return members
    }

    // MARK: - Messages

    /// A name of a component has no star.
    private static func name(of type: String) -> String { type.replacing("*", with: "any") }

    private static func name(of channel: ChannelName) -> String { "notification.\(channel.rawValue)" }

    private var messages: [JSONText.Member] {
        var members = types.map { type in
            let routes = routes(of: type)
            let paths = routes.flatMap(\.paths)
            return JSONText.Member(
                name: Self.name(of: type),
                value: [
                    "name": .text(type), "title": .text(type), "contentType": "application/json",
                    "payload": EventSchema.schema(of: type, paths: paths),
                    "x-routes": .list(routes.map { .text($0.name) }),
                ])
        }
        for output in outputs {
            members.append(
                .init(
                    name: Self.name(of: output.channel),
                    value: [
                        "name": .text(Self.name(of: output.channel)), "title": "Notification",
                        "contentType": "application/json", "headers": Self.headers(of: output.channel),
                        "payload": Self.payload(PublishedSchemas.notification),
                    ]))
        }
        members.append(
            .init(
                name: "status",
                value: [
                    "name": "status", "title": "Status", "contentType": "application/json",
                    "payload": Self.payload(PublishedSchemas.status),
                ]))
        return members
    }

    /// A schema of a draft of its own, which the document names.
    private static func payload(_ schema: JSONText) -> JSONText {
        ["schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema]
    }

    private static func headers(of channel: ChannelName) -> JSONText {
        [
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"],
            "properties": [
                "ce_specversion": ["const": "1.0"],
                "ce_id": ["type": "string", "format": "uuid"],
                "ce_source": ["const": .text("\(WireHeader.sourceValue)")],
                "ce_type": ["const": .text(name(of: channel))],
                "content-type": ["const": "application/json"],
                "traceparent": ["type": "string"],
            ],
        ]
    }
}

/// The schemas of `docs/schemas`, which are a part of the program.
enum PublishedSchemas {
    static var notification: JSONText { JSONText(parsing: PackageResources.notification_schema_json) }
    static var status: JSONText { JSONText(parsing: PackageResources.status_schema_json) }
}
