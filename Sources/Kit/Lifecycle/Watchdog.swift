import Glibc
import Synchronization

/// Ends the process when a loop makes no progress for too long, so that its supervisor starts it again.
///
/// Time in which the whole process is stopped or the machine sleeps does not count. Safe to use from any thread.
package final class Watchdog: Sendable {
    private static let ticksPerLimit = 10

    private let counters = Shared()
    private let stopped: Latch
    private let thread: OSThread

    /// The counters the watching thread shares with the watchdog; it must not keep the watchdog itself alive.
    private final class Shared: Sendable {
        let beats = Atomic<UInt64>(0)
        let silentTicks = Atomic<Int>(0)
    }

    /// - Parameters:
    ///   - name: what is watched; part of the last words.
    ///   - limit: the longest time between two beats.
    ///   - onExpiry: called once on the watching thread; the default says so on standard error and exits with 70.
    package init(name: String, limit: Duration, onExpiry: (@Sendable () -> Void)? = nil) {
        let stopped = Latch()
        let shared = counters
        self.stopped = stopped
        thread = OSThread(name: "watchdog", stackSize: 1 << 18) {
            var last: UInt64 = 0
            while !stopped.wait(timeout: limit / Self.ticksPerLimit) {
                let current = shared.beats.load(ordering: .relaxed)
                let silent = current == last ? shared.silentTicks.load(ordering: .relaxed) + 1 : 0
                shared.silentTicks.store(silent, ordering: .relaxed)
                last = current
                guard silent >= Self.ticksPerLimit else { continue }
                if let onExpiry { return onExpiry() }
                Self.leave(name: name, limit: limit)
            }
        }
    }

    deinit { stopped.open() }

    /// The loop went round once.
    package func beat() {
        counters.beats.add(1, ordering: .relaxed)
        counters.silentTicks.store(0, ordering: .relaxed)
    }

    /// Whether the last beat is at most half the limit ago: what `/livez` asks.
    package var isProgressing: Bool { counters.silentTicks.load(ordering: .relaxed) <= Self.ticksPerLimit / 2 }

    /// Ends the watch; afterwards nothing expires.
    package func stop() {
        stopped.open()
        thread.join()
    }

    private static func leave(name: String, limit: Duration) -> Never {
        let text = "\(name) made no progress for \(limit.components.seconds) s, leaving\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        ExitCode.fatal.leave()
    }
}
