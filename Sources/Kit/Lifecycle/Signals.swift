import Glibc

/// SIGTERM, SIGINT and SIGHUP as calls on one thread of their own.
///
/// The first SIGTERM or SIGINT asks for a graceful stop, the second leaves the process at once with 128 + its number.
/// SIGHUP asks for a reload. SIGPIPE is ignored: a broken connection is an error of the call that wrote.
package final class Signals: Sendable {
    private let thread: OSThread

    /// Blocks the signals in the calling thread and in all that it starts from now on.
    ///
    /// Must be called before any other thread runs. A signal that comes before `install` waits for it.
    package static func block() {
        signal(SIGPIPE, SIG_IGN)
        var set = waitedFor
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Blocks the signals and starts the thread that waits for them, for the life of the process.
    ///
    /// The callbacks run on that thread and must return soon: the second signal is seen only after them.
    package static func install(
        onTerminate: @escaping @Sendable () -> Void, onReload: @escaping @Sendable () -> Void = {}
    ) -> Signals {
        block()
        return Signals(onTerminate: onTerminate, onReload: onReload)
    }

    private init(onTerminate: @escaping @Sendable () -> Void, onReload: @escaping @Sendable () -> Void) {
        thread = OSThread(name: "signals", stackSize: 1 << 18) {
            var isStopping = false
            while true {
                var set = Self.waitedFor
                var number: Int32 = 0
                guard sigwait(&set, &number) == 0 else { continue }
                if number == SIGHUP {
                    if !isStopping { onReload() }
                } else if isStopping {
                    _exit(128 + number)
                } else {
                    isStopping = true
                    onTerminate()
                }
            }
        }
    }

    /// Sends a signal to the waiting thread alone, so that tests need not touch the other threads.
    func deliver(_ number: Int32) { thread.send(signal: number) }

    private static var waitedFor: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
        return set
    }
}
