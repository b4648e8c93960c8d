internal import CommandLineKit
internal import Core
internal import DeliveryEngine
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Routing
internal import Settings

/// `schema`
enum SchemaVerb {
    private static let kinds = ["asyncapi", "event", "notification", "status"]

    static let verb = Verb(
        "schema", "prints the AsyncAPI document, or the JSON Schema of a record.",
        details: """
            asyncapi      an AsyncAPI 3 document of all topics and messages, made from the routing table
            event         JSON Schema of events in plain JSON
            notification  JSON Schema of notifications
            status        JSON Schema of status records
            Connects to nothing.
            """,
        operands: [.init("KIND", choices: kinds, isRequired: false)],
        options: [.value("--routing", "FILE", "This table instead of the one of core.yaml.")]
    ) { invocation, printer throws(CommandFault) in
        switch invocation.operands.first ?? "asyncapi" {
        case "asyncapi": printer.raw(try document(invocation).json.pretty)
        case "event": printer.raw(EventSchema.any.pretty)
        case "notification": printer.raw(PublishedSchemas.notification.pretty)
        case "status": printer.raw(PublishedSchemas.status.pretty)
        case let other: throw .usage("KIND must be one of \(kinds.joined(separator: ", ")), not \"\(other)\"")
        }
        return .ok
    }

    private static func document(_ invocation: Invocation) throws(CommandFault) -> AsyncAPIDocument {
        let settings = try ControlSettings(invocation)
        let table: RoutingTable
        do throws(SettingsError) {
            table = try RoutingFiles.load(
                routing: invocation.text("--routing"), environment: ControlSettings.environment(invocation))
        } catch {
            throw .settings(error)
        }
        let outputs = ChannelName.allCases.compactMap { channel in
            settings.core.outputs[channel].map { (channel: channel, topic: $0) }
        }
        return AsyncAPIDocument(
            outline: table.outline, inputs: settings.core.inputs, outputs: outputs,
            statusTopic: settings.core.statusTopic, brokers: settings.kafka.brokers, version: ServiceVersion.current)
    }
}
