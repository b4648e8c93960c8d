internal import CommandLineKit
internal import Core
internal import DeliveryEngine
internal import Kafka
internal import Lifecycle
internal import Notifications
internal import Settings

/// The connection and the topics, as the services' own files name them.
struct ControlSettings {
    var kafka: KafkaSettings
    var core: CoreSettings
    var channels: [ChannelConsumerSettings]

    /// Reads the files of all services. Only faults of the connection and of topics count: whoever repairs something at
    /// night does not need the SMTP server's name.
    init(_ invocation: Invocation) throws(CommandFault) {
        let environment = Self.environment(invocation)
        var faults: [SettingsFault] = []
        let file = ConfigLocator.find("core.yaml", environment: environment)
        let reader = SettingsReader(file: file, environment: environment)
        core = CoreSettings(reader)
        // Every command begins with such a client; what only a service's own clients refuse is no hindrance here.
        core.kafka.check(reader.section("kafka")) { [.administrator($0)] }
        faults += Self.serious(reader)
        channels = []
        for channel in ChannelName.allCases {
            let file = ConfigLocator.find("\(channel.rawValue).yaml", environment: environment)
            let reader = SettingsReader(file: file, environment: environment)
            channels.append(ChannelConsumerSettings(reader, channel: channel))
            faults += Self.serious(reader)
        }
        kafka = core.kafka
        kafka.clientID = "notifyctl"
        // Its own lines are for services; what matters here comes back as an error.
        kafka.log = nil
        guard faults.isEmpty else {
            var texts: [String] = []
            for fault in faults where !texts.contains(fault.text) { texts.append(fault.text) }
            throw CommandFault(.configuration, texts.joined(separator: "\n"))
        }
    }

    /// The variables, with the options of the command line in front; those that name the topics of one consumer would
    /// name the same ones for all.
    static func environment(_ invocation: Invocation) -> [String: String] {
        var environment = invocation.environment
        for name in ["KAFKA_TOPIC", "KAFKA_DLQ_TOPIC", "KAFKA_GROUP_ID", "INSTANCE_ID"] { environment[name] = nil }
        if let brokers = invocation.text("--brokers") { environment["KAFKA_BROKERS"] = brokers }
        if let folder = invocation.text("--config") { environment["CONFIG_DIR"] = folder }
        return environment
    }

    private static func serious(_ reader: SettingsReader) -> [SettingsFault] {
        reader.allFaults.filter { fault in
            fault.file == "environment"
                ? fault.key.hasPrefix("KAFKA_")
                : ["kafka", "topics"].contains { fault.key.hasPrefix($0) } || fault.key.isEmpty
        }
    }

    /// The dead letter topics: those of the channels, and that of the events.
    var deadLetterTopics: [(queue: String, topic: String)] {
        channels.map { ($0.channel.rawValue, $0.deadLetterTopic) } + [("events", core.eventsDLQ)]
    }

    /// The topic of a queue's short name, or of any topic by its full name.
    func deadLetterTopic(_ name: String) -> String {
        deadLetterTopics.first { $0.queue == name }?.topic ?? name
    }
}
