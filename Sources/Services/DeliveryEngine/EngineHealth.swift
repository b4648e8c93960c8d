internal import Lifecycle
internal import Synchronization
internal import Telemetry

/// What the engine's thread tells the health endpoints. Safe to use from any thread.
final class EngineHealth: Sendable {
    private struct State {
        var awaited: String?
        var isAssigned = false
        var stopped: String?
        var failedSends = 0
        var longestAttempt: Duration = .zero
    }

    /// Records on their way to their end.
    let progress = ProgressClock()
    private let stop: Latch
    private let stallLimit: Duration
    private let isOutputReachable: @Sendable () -> Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - stop: opens when the process drains.
    ///   - stallLimit: the longest time in which there is work and nothing ends, beside what attempts may take.
    ///   - isOutputReachable: whether any broker is connected.
    init(stop: Latch, stallLimit: Duration, isOutputReachable: @escaping @Sendable () -> Bool) {
        self.stop = stop
        self.stallLimit = stallLimit
        self.isOutputReachable = isOutputReachable
    }

    func set(isAssigned: Bool, failedSends: Int) {
        state.withLock {
            $0.isAssigned = isAssigned
            $0.failedSends = failedSends
        }
    }

    /// Before the first record is read: what is not there yet, for ``readiness`` to say; `nil` once it is there.
    func waits(for reason: String?) { state.withLock { $0.awaited = reason } }

    /// The channel's sending stopped for that reason; `nil` when it goes on.
    func setStopped(_ reason: String?) { state.withLock { $0.stopped = reason } }

    /// An attempt may take as long as this.
    func allow(_ duration: Duration) { state.withLock { $0.longestAttempt = max($0.longestAttempt, duration) } }

    /// Whether what can be done is being done. While Kafka is away nothing can, and a restart would not change that:
    /// ``readiness`` says so.
    var liveness: HealthReport {
        let waited = progress.waited()
        // A mail may wait as long for a session as one takes that fails, and for the session to open.
        let limit = stallLimit + state.withLock { $0.longestAttempt } * 3
        guard waited > limit, isOutputReachable() else { return .healthy }
        return .unhealthy("there has been work for \(waited.components.seconds) s and nothing of it ended")
    }

    /// Whether it takes part in the work.
    var readiness: HealthReport {
        if stop.isOpen { return .unhealthy("stopping") }
        let isOutputReachable = isOutputReachable()
        return state.withLock { state in
            if let awaited = state.awaited { return .unhealthy(awaited) }
            // It is the cause of everything below.
            if !isOutputReachable { return .unhealthy("no broker is connected") }
            if !state.isAssigned { return .unhealthy("the consumer group has not assigned partitions yet") }
            if let stopped = state.stopped { return .unhealthy("sending stopped: \(stopped)") }
            if state.failedSends > 0 { return .unhealthy("\(state.failedSends) records cannot be written to Kafka") }
            return .healthy
        }
    }
}
