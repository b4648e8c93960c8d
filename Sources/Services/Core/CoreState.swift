internal import Lifecycle
internal import Synchronization
internal import Telemetry

/// What the loop shares with the threads of the signals and of the operations server.
final class CoreState: Sendable {
    private enum Phase { case starting, joining, member }

    /// Opens with the first SIGTERM.
    let stop: Latch
    let watchdog: Watchdog
    /// Configurations that SIGHUP has brought, for the owner thread.
    let reloads = Mailbox<CoreConfiguration>()
    private let phase = Mutex(Phase.starting)
    private let drainLimit = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter limit: the longest time between two turns of the loop; then the process ends.
    init(stop: Latch, watchdogLimit limit: Duration) {
        self.stop = stop
        watchdog = Watchdog(name: "core loop", limit: limit)
    }

    /// The stop was asked for: the work under way may take this long.
    func drains(within timeout: Duration) { drainLimit.withLock { $0 = .now + timeout } }

    /// When the work under way must have ended; nil before a stop.
    var drainEnd: ContinuousClock.Instant? { drainLimit.withLock { $0 } }

    /// The consumer has asked the group to let it in.
    func joins() { phase.withLock { $0 = .joining } }

    /// The group has let this instance in.
    func hasJoined() { phase.withLock { $0 = .member } }

    /// Alive is a loop that goes round.
    var live: HealthReport {
        watchdog.isProgressing ? .healthy : .unhealthy("the core loop makes no progress")
    }

    /// Ready is a member of the group, whether or not it was given partitions.
    var ready: HealthReport {
        if stop.isOpen { return .unhealthy("stopping") }
        return switch phase.withLock({ $0 }) {
        case .starting: .unhealthy("starting")
        case .joining: .unhealthy("joining the consumer group")
        case .member: .healthy
        }
    }
}
