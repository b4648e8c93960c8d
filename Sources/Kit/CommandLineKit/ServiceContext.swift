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
        var isStopping = false
    }

    /// Where a new configuration goes.
    private enum Reloads {
        /// The service is still starting: here is the last one that came meanwhile.
        case kept(Configuration?)
        case handed(to: @Sendable (Configuration) -> Void)
    }

    private let callbacks = Mutex(Callbacks())
    private let reloads = Mutex(Reloads.kept(nil))

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

    /// Calls `body` on the signal thread after SIGHUP with the configuration as it is then, and at once with the last one
    /// that came before this call. A configuration with faults is refused before: the faults are logged and the old one
    /// stays.
    ///
    /// - Parameter body: only passes it on; one call at a time, in the order of the signals.
    package func onReload(_ body: @escaping @Sendable (Configuration) -> Void) {
        // Under the lock, so that a newer one cannot overtake the one that was kept.
        reloads.withLock { reloads in
            if case .kept(let configuration?) = reloads { body(configuration) }
            reloads = .handed(to: body)
        }
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

    /// Gives a new configuration to the service, now or as soon as it has started.
    package func reload(_ configuration: Configuration) {
        reloads.withLock { reloads in
            switch reloads {
            case .kept: reloads = .kept(configuration)
            case .handed(let body): body(configuration)
            }
        }
    }
}
