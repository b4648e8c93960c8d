internal import Synchronization
internal import Telemetry

/// What the engine's thread tells the health endpoints. Safe to use from any thread.
final class EngineHealth: Sendable {
    private struct State {
        var isAssigned = false
        var stopped: String?
        var failedSends = 0
    }

    private let state = Mutex(State())

    func set(isAssigned: Bool, failedSends: Int) {
        state.withLock {
            $0.isAssigned = isAssigned
            $0.failedSends = failedSends
        }
    }

    /// The channel's sending stopped for that reason; `nil` when it goes on.
    func setStopped(_ reason: String?) { state.withLock { $0.stopped = reason } }

    /// Whether it takes part in the work.
    var readiness: HealthReport {
        state.withLock { state in
            if !state.isAssigned { return .unhealthy("the consumer group has not assigned partitions yet") }
            if let stopped = state.stopped { return .unhealthy("sending stopped: \(stopped)") }
            if state.failedSends > 0 { return .unhealthy("\(state.failedSends) records cannot be written to Kafka") }
            return .healthy
        }
    }
}
