internal import Kafka
internal import KafkaOperations
package import Notifications
package import Settings
internal import Time

extension CoreSettings {
    /// Reads `core.yaml`; faults are noted in the reader.
    ///
    /// | key | variable | default |
    /// |---|---|---|
    /// | `kafka.brokers` … | see ``KafkaSettings`` | 127.0.0.1:9094 |
    /// | `kafka.group_id` | `KAFKA_GROUP_ID` | notificationhub-core |
    /// | `topics.inputs` | | order.events, payment.events, user.events |
    /// | `topics.notifications.<channel>` | | notifications.`<channel>` |
    /// | `topics.events_dlq`, `topics.status` | | events.dlq, notifications.status |
    /// | `status` | | on |
    /// | `routing_file`, `endpoints_file` | `ROUTING_FILE`, `ENDPOINTS_FILE` | routing.yaml, endpoints.yaml |
    /// | `templates_dir` | `TEMPLATES_DIR` | templates |
    /// | `contacts.file` | `CONTACTS_FILE` | contacts.yaml |
    /// | `contacts.topic` | | none |
    /// | `instance_id` | `INSTANCE_ID` | none |
    /// | `commit.interval`, `.records`, `.bytes` | | 100ms, 10000, 8MiB |
    /// | `max_event_bytes` | | 1MiB |
    /// | `session_timeout` | | 10s; 20s with an instance id |
    /// | `transaction_timeout` | | 10s; 30s with an instance id |
    /// | `startup_timeout` | | 60s |
    /// | `drain_timeout` | `DRAIN_TIMEOUT` | 25s |
    package init(_ reader: SettingsReader) {
        let section = reader.section("kafka")
        group = section.string("group_id", env: "KAFKA_GROUP_ID", default: "notificationhub-core")
        instanceID = reader.optionalString("instance_id", env: "INSTANCE_ID")
        let isStatic = instanceID != nil
        kafka = KafkaSettings(reading: section, clientID: instanceID.map { "core-\($0)" } ?? "core-service")
        kafka.log = { KafkaLog.write($0) }

        let topics = reader.section("topics")
        inputs = topics.strings("inputs", default: TopicNames.inputs)
        let notifications = topics.section("notifications")
        outputs = [:]
        for channel in ChannelName.allCases {
            outputs[channel] = notifications.string(channel.rawValue, default: TopicNames.notifications(channel))
        }
        eventsDLQ = topics.string("events_dlq", default: TopicNames.eventsDLQ)
        statusTopic = topics.string("status", default: TopicNames.status)
        writesStatus = reader.bool("status", default: true)

        routingFile = reader.path("routing_file", env: "ROUTING_FILE", default: "routing.yaml")
        endpointsFile = reader.path("endpoints_file", env: "ENDPOINTS_FILE", default: "endpoints.yaml")
        templatesDirectory = reader.path("templates_dir", env: "TEMPLATES_DIR", default: "templates")
        let contacts = reader.section("contacts")
        contactsFile = contacts.path("file", env: "CONTACTS_FILE", default: "contacts.yaml")
        contactsTopic = contacts.optionalString("topic")

        let commit = reader.section("commit")
        batch.interval = commit.duration("interval", default: .milliseconds(100), in: .milliseconds(1) ... .seconds(5))
        batch.records = commit.int("records", default: 10_000, in: 1...100_000)
        batch.bytes = commit.bytes("bytes", default: 8 << 20, in: (64 << 10)...(256 << 20))
        maximumEventBytes = reader.bytes("max_event_bytes", default: 1 << 20, in: 1024...(16 << 20))
        sessionTimeout = reader.duration(
            "session_timeout", default: .seconds(isStatic ? 20 : 10), in: .seconds(3) ... .seconds(1800))
        transactionTimeout = reader.duration(
            "transaction_timeout", default: .seconds(isStatic ? 30 : 10), in: .seconds(1) ... .seconds(900))
        startupTimeout = reader.duration("startup_timeout", default: .seconds(60), in: .zero ... .hours(24))
        drainTimeout = reader.duration(
            "drain_timeout", env: "DRAIN_TIMEOUT", default: .seconds(25), in: .zero ... .hours(1))
        check(topics)
        if batch.interval >= transactionTimeout {
            commit.report("interval", "must be shorter than transaction_timeout")
        }
    }

    /// A topic that is read and written, or read twice, would go round for ever or count double.
    private func check(_ topics: SettingsReader) {
        if inputs.isEmpty { topics.report("inputs", "must name at least one topic") }
        if Set(inputs).count != inputs.count { topics.report("inputs", "names a topic twice") }
        let written = Set(outputs.values).union([eventsDLQ, statusTopic])
        for topic in inputs where written.contains(topic) {
            topics.report("inputs", "\(topic) is written to as well; the core would read its own output")
        }
    }

    /// Every topic that must exist for a table that writes to these channels.
    package func topics(for channels: Set<ChannelName>) -> [String] {
        inputs + notificationTopics(of: channels) + [eventsDLQ] + (writesStatus ? [statusTopic] : [])
            + (contactsTopic.map { [$0] } ?? [])
    }

    func notificationTopics(of channels: Set<ChannelName>) -> [String] {
        channels.compactMap { outputs[$0] }.sorted()
    }
}
