package import CommandLineKit

/// The operator's command line: looks at what the services have done, and mends it.
package enum Notifyctl {
    /// - Parameter services: every service whose configuration `validate` checks.
    package static func program(services: [any ServiceDefinition]) -> Program {
        Program(
            name: "notifyctl", summary: "looks at what the services do, and repairs what went wrong.",
            verbs: DeadLetterVerbs.all + TopicVerbs.all + [ValidateVerb(services: services).verb, ExplainVerb.verb]
                + [DryRunVerb.verb] + StatusVerbs.all
                + [SendVerb.verb, SchemaVerb.verb, WatchVerb(services: services).verb],
            options: [
                .value("--brokers", "ADDRESS", "The Kafka cluster (KAFKA_BROKERS, else core.yaml)."),
                .value(
                    "--config", "DIR",
                    "The folder of core.yaml, routing.yaml … (CONFIG_DIR, ./config, /etc/notificationhub)."),
            ],
            notes: """
                Connection and topics are those of core.yaml and the channels' files; environment
                variables override them, as everywhere.

                Exit codes: 0 done, 64 wrong usage, 69 Kafka cannot be reached, 70 not everything
                could be done, 78 faults in the configuration.
                """)
    }
}
