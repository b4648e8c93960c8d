package import Lifecycle
import Synchronization

/// What a running service gets from its process. Safe to use from any thread.
package final class ServiceContext<Configuration: Sendable>: Sendable {
    /// Opens with the first SIGTERM or SIGINT.
    package let stop: Latch

    /// The settings that every process has.
    package let process: ProcessSettings

    private struct Callbacks {
        var stop: [@Sendable () -> Void] = []
        var reload: (@Sendable (Configuration) -> Void)?
        var isStopping = false
    }

    private let callbacks = Mutex(Callbacks())

    /// Public to tests of services; `ServiceCommand` makes the real one.
    package init(process: ProcessSettings, stop: Latch = Latch()) {
        self.process = process
        self.stop = stop
    }

    /// Calls `body` on the signal thread when the stop is asked for, to wake a loop; at once when it was already.
    package func onStop(_ body: @escaping @Sendable () -> Void) {
        let isStopping = callbacks.withLock { callbacks in
            callbacks.stop.append(body)
            return callbacks.isStopping
        }
        if isStopping { body() }
    }

    /// Calls `body` on the signal thread after SIGHUP with the configuration as it is then. A configuration with
    /// faults is refused before: the faults are logged and the old one stays.
    package func onReload(_ body: @escaping @Sendable (Configuration) -> Void) {
        callbacks.withLock { $0.reload = body }
    }

    /// Asks for the stop, as the first SIGTERM does.
    package func requestStop() {
        let bodies = callbacks.withLock { callbacks -> [@Sendable () -> Void] in
            guard !callbacks.isStopping else { return [] }
            callbacks.isStopping = true
            return callbacks.stop
        }
        stop.open()
        for body in bodies { body() }
    }

    /// Gives a new configuration to the service.
    /// - Returns: false when the service does not take any.
    package func reload(_ configuration: Configuration) -> Bool {
        guard let body = callbacks.withLock({ $0.reload }) else { return false }
        body(configuration)
        return true
    }
}
