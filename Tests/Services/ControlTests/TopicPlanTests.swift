import CommandLineKit
import DeliveryEngine
import Kafka
import TestKit
import Testing

@testable import Control

struct TopicPlanTests {
    private static func plan(replication: Int? = nil) throws -> TopicPlan {
        let environment = ["CONFIG_DIR": Repository.path("config")]
        let settings = try ControlSettings(Invocation(program: "notifyctl", environment: environment))
        return TopicPlan(settings, partitions: 4, replication: replication)
    }

    /// The list that makes the topics of a local broker, where nothing is built yet, says the same.
    @Test func isTheListOfTheLocalBroker() throws {
        let lines = Repository.text("kafka-local/topics.txt").split(separator: "\n")
        let listed = lines.filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: " ").map(String.init)
            let settings = fields[2] == "-" ? [] : fields[2].split(separator: ",").map(String.init)
            return "\(fields[0]) \(fields[1]) \(settings.sorted())"
        }
        let planned = try Self.plan().topics.map { topic in
            "\(topic.name) \(topic.partitions) \(topic.configuration.map { "\($0.name)=\($0.value)" }.sorted())"
        }
        #expect(Set(planned) == Set(listed) && planned.count == listed.count)
    }

    /// A record must not be deleted before it is due, nor soon after.
    @Test func retryTopicsKeepWhatWaitsInThem() throws {
        let retention = TopicPlan.Use.retry.configuration.first { $0.name == "retention.ms" }
        let kept = try #require(retention.flatMap { Int64($0.value) })
        #expect(Duration.milliseconds(kept) >= ChannelConsumerSettings.longestTier * 2)
    }

    @Test func tellsWhatDiffers() throws {
        let wanted = try #require(Self.plan(replication: 3).topics.first { $0.name == "events.dlq" })
        let right = ["retention.ms": "1209600000", "max.message.bytes": "2097152", "cleanup.policy": "delete"]
        func compare(_ partitions: Int, _ replication: Int, _ configuration: [String: String]) -> TopicPlan.Finding {
            let topic = Admin.Topic(name: "events.dlq", partitions: partitions, replication: replication)
            return TopicPlan.compare(wanted, with: topic, configuration: configuration)
        }
        #expect(TopicPlan.compare(wanted, with: nil, configuration: [:]) == .missing)
        #expect(compare(4, 3, right) == .fits && compare(12, 3, right) == .fits)
        #expect(compare(1, 3, right) == .differs(["1 partitions, planned are 4"]))
        #expect(compare(4, 1, right) == .differs(["1 replicas, planned are 3"]))
        #expect(
            compare(4, 3, ["retention.ms": "1"])
                == .differs([
                    "retention.ms is 1, planned is 1209600000", "max.message.bytes is not set, planned is 2097152",
                ]))
    }
}
