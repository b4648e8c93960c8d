import KafkaOperations
import Lifecycle
import Telemetry
import Testing

@testable import Core

/// What `/livez` and `/readyz` of the core say.
struct CoreStateTests {
    static func state(_ stop: Latch = Latch(), stallLimit: Duration = .zero) -> CoreState {
        CoreState(
            stop: stop, watchdogLimit: .seconds(60), stallLimit: stallLimit, kafka: KafkaMetrics(MetricsRegistry()))
    }

    @Test func workWithoutProgressIsNoLife() {
        let state = Self.state()
        #expect(state.live == .healthy)
        state.progress.workWaits(.now - .seconds(7))
        #expect(state.live == .unhealthy("records have waited for 7 s and none was committed"))
        state.progress.advance()
        #expect(state.live == .healthy)
        let patient = Self.state(stallLimit: .seconds(60))
        patient.progress.workWaits(.now - .seconds(7))
        #expect(patient.live == .healthy)
    }

    @Test func readyIsAMemberThatDoesNotStop() {
        let stop = Latch()
        let state = Self.state(stop)
        #expect(state.ready == .unhealthy("starting"))
        state.waits(for: "Kafka has no topic order.events")
        #expect(state.ready == .unhealthy("Kafka has no topic order.events"))
        state.joins()
        #expect(state.ready == .unhealthy("joining the consumer group"))
        state.hasJoined()
        #expect(state.ready == .healthy)
        state.joins()
        #expect(!state.ready.isHealthy)
        state.hasJoined()
        stop.open()
        #expect(state.ready == .unhealthy("stopping"))
    }
}
