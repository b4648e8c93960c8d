extension Span.Scope {
    /// What every span of sending to a topic has in common, by OpenTelemetry's messaging conventions.
    ///
    /// - Parameter kind: a producer where the span is the parent of what is done with the record, else a client.
    package static func sending(to topic: String, _ kind: Span.Kind) -> Span.Scope {
        Span.Scope("send \(topic)", kind, operation("send") + [Span.Attribute("messaging.destination.name", topic)])
    }

    /// The same for what is done with a record of a topic.
    package static func processing(_ topic: String, group: String) -> Span.Scope {
        Span.Scope(
            "process \(topic)", .consumer,
            operation("process") + [
                Span.Attribute("messaging.destination.name", topic),
                Span.Attribute("messaging.consumer.group.name", group),
            ])
    }

    private static func operation(_ name: String) -> [Span.Attribute] {
        [
            Span.Attribute("messaging.system", "kafka"), Span.Attribute("messaging.operation.name", name),
            Span.Attribute("messaging.operation.type", name),
        ]
    }
}
