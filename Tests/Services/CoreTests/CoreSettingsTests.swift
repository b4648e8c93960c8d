import Core
import Kafka
import Settings
import TestKit
import Testing

struct CoreSettingsTests {
    @Test func theShippedFileSaysTheDefaults() throws {
        let file = Repository.path("config/core.yaml")
        let shipped = SettingsReader(file: file, environment: [:])
        let defaults = SettingsReader(file: nil, environment: [:])
        let (one, other) = (CoreSettings(shipped), CoreSettings(defaults))
        #expect(one.inputs == other.inputs && one.outputs == other.outputs && one.group == other.group)
        #expect(one.batch.interval == other.batch.interval && one.batch.bytes == other.batch.bytes)
        #expect(one.batch.records == other.batch.records && one.maximumEventBytes == other.maximumEventBytes)
        #expect(one.kafka.brokers == "127.0.0.1:9094" && other.kafka.brokers == "127.0.0.1:9094")
        #expect(one.sessionTimeout == .seconds(10) && one.transactionTimeout == .seconds(10))
        #expect(one.routingFile.hasSuffix("config/routing.yaml") && one.contactsTopic == nil && one.writesStatus)
    }

    @Test func namesEveryFileItHasRead() throws {
        let file = Repository.path("config/core.yaml")
        let reader = SettingsReader(file: file, environment: [:])
        _ = try CoreConfiguration(reader)
        let names = ["core.yaml", "endpoints.yaml", "contacts.yaml", "routing.yaml", "templates"]
        #expect(reader.files == names.map { Repository.path("config/\($0)") })
    }

    @Test func aNamedInstanceGetsLongerTimeouts() throws {
        let reader = SettingsReader(file: nil, environment: ["INSTANCE_ID": "core-0", "KAFKA_GROUP_ID": "g"])
        let settings = CoreSettings(reader)
        try reader.finish()
        #expect(settings.instanceID == "core-0" && settings.sessionTimeout == .seconds(20) && settings.group == "g")
    }

    /// What librdkafka says only where it makes a client.
    @Test(arguments: ["message.timeout.ms: 300000", "fetch.max.bytes: 100", "enable.gapless.guarantee: true"])
    func refusesWhatItsClientsWouldRefuse(_ property: String) throws {
        let faults = try faults("kafka:\n  \(property)\n")
        let key = property.prefix { $0 != ":" }
        #expect(faults.count == 1 && faults[0].text.hasPrefix("core.yaml:2: kafka.\(key): `\(key)` "))
    }

    @Test func theShortestTransactionSuitsItsProducer() throws {
        #expect(try faults("transaction_timeout: 1s\n").isEmpty)
    }

    private func faults(_ text: String) throws -> [SettingsFault] {
        let node = try YAMLNode.parse(text, file: "core.yaml")
        let environment = [
            "ROUTING_FILE": Repository.path("config/routing.yaml"),
            "ENDPOINTS_FILE": Repository.path("config/endpoints.yaml"),
            "TEMPLATES_DIR": Repository.path("config/templates"),
        ]
        let reader = SettingsReader(file: "core.yaml", node: node, environment: environment)
        _ = try? CoreConfiguration(reader)
        return reader.allFaults
    }

    @Test func refusesTopicsThatGoInCircles() throws {
        let text = """
            topics:
              inputs: [a, a, notifications.email]
              status: none
            commit:
              interval: 2s
            transaction_timeout: 1s
            """
        let reader = SettingsReader(
            file: "core.yaml", node: try YAMLNode.parse(text, file: "core.yaml"), environment: [:])
        _ = CoreSettings(reader)
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error?.faults.map(\.text) == [
                "core.yaml:2: topics.inputs: names a topic twice",
                "core.yaml:2: topics.inputs: notifications.email is written to as well; the core would read its own output",
                "core.yaml:5: commit.interval: must be shorter than transaction_timeout",
            ])
    }
}
