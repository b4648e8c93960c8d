internal import KafkaOperations
internal import Lifecycle
internal import Synchronization
internal import Telemetry

/// What the loop shares with the threads of the signals and of the operations server.
final class CoreState: Sendable {
    private enum Phase {
        /// Waits for that, where there is something to wait for.
        case starting(String?)
        case joining, member
    }

    /// Opens with the first SIGTERM.
    let stop: Latch
    let watchdog: Watchdog
    /// Configurations that SIGHUP has brought, for the owner thread.
    let reloads = Mailbox<CoreConfiguration>()
    /// Input records on their way to a commit.
    let progress = ProgressClock()
    private let kafka: KafkaMetrics
    private let stallLimit: Duration
    private let phase = Mutex(Phase.starting(nil))
    private let drainLimit = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameters:
    ///   - limit: the longest time between two turns of the loop; then the process ends.
    ///   - stallLimit: the longest time in which records wait and none is committed, while Kafka is there.
    init(stop: Latch, watchdogLimit limit: Duration, stallLimit: Duration, kafka: KafkaMetrics) {
        self.stop = stop
        self.stallLimit = stallLimit
        self.kafka = kafka
        watchdog = Watchdog(name: "core loop", limit: limit)
    }

    /// The stop was asked for: the work under way may take this long.
    func drains(within timeout: Duration) { drainLimit.withLock { $0 = .now + timeout } }

    /// When the work under way must have ended; nil before a stop.
    var drainEnd: ContinuousClock.Instant? { drainLimit.withLock { $0 } }

    /// Before the first record is read: what is not there yet, for ``ready`` to say.
    func waits(for reason: String) { phase.withLock { $0 = .starting(reason) } }

    /// The consumer has asked the group to let it in, at first or again.
    func joins() { phase.withLock { $0 = .joining } }

    /// The group has let this instance in.
    func hasJoined() { phase.withLock { $0 = .member } }

    /// What the process calls its producer in the metrics.
    static let producer = "producer"

    private var isOutputReachable: Bool { kafka.isConnected(client: Self.producer) ?? true }

    /// Alive is a loop that goes round and commits what there is. While Kafka is away it can only wait, which a restart
    /// would not change: ``ready`` says so.
    var live: HealthReport {
        guard watchdog.isProgressing else { return .unhealthy("the core loop makes no progress") }
        let waited = progress.waited()
        guard waited > stallLimit, isOutputReachable else { return .healthy }
        return .unhealthy("records have waited for \(waited.components.seconds) s and none was committed")
    }

    /// Ready is a member of the group, whether or not it was given partitions, that reaches the output.
    var ready: HealthReport {
        if stop.isOpen { return .unhealthy("stopping") }
        // It is the cause of everything below.
        guard isOutputReachable else { return .unhealthy("no broker is connected") }
        switch phase.withLock({ $0 }) {
        case .starting(let reason): return .unhealthy(reason ?? "starting")
        case .joining: return .unhealthy("joining the consumer group")
        case .member: return .healthy
        }
    }
}
