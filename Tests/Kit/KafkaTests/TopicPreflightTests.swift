import Kafka
import Testing

struct TopicPreflightTests {
    @Test(.timeLimit(.minutes(5)))
    func saysWhatIsMissingUntilItIsThere() throws {
        let cluster = try MockCluster()
        cluster.createTopic("a")
        let preflight = try TopicPreflight(cluster.settings)
        let none = preflight.wait(for: ["c", "a", "b"], timeout: .zero, shouldStop: { false }, onChange: { _ in })
        #expect(none == .missing(["b", "c"]))
        var seen: [TopicPreflight.Outcome] = []
        let found = preflight.wait(for: ["a", "b"], timeout: .seconds(20), shouldStop: { false }) { change in
            seen.append(change)
            cluster.createTopic("b")
        }
        #expect(found == .ready && seen == [.missing(["b"])])
        #expect(preflight.wait(for: ["z"], timeout: .seconds(20), shouldStop: { true }, onChange: { _ in }) == .stopped)
    }

    @Test(.timeLimit(.minutes(5)))
    func tellsAnUnreachableClusterFromAMissingTopic() throws {
        let preflight = try TopicPreflight(KafkaSettings(brokers: "127.0.0.1:1", clientID: "test"))
        let outcome = preflight.wait(for: ["a"], timeout: .zero, shouldStop: { false }, onChange: { _ in })
        guard case .unreachable = outcome else { return #expect(outcome == .unreachable("")) }
    }
}
