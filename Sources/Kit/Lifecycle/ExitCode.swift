import Glibc

/// What a process tells its parent; the numbers are those of `sysexits.h`.
package struct ExitCode: RawRepresentable, Sendable, Equatable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// A clean stop.
    package static let ok = ExitCode(rawValue: 0)
    /// `--health` found the process not alive.
    package static let unhealthy = ExitCode(rawValue: 1)
    /// The command line is wrong.
    package static let usage = ExitCode(rawValue: 64)
    /// A needed service could not be reached within the time that configuration gives it.
    package static let unavailable = ExitCode(rawValue: 69)
    /// The process cannot go on: fenced by a twin, an invariant broken, no progress.
    package static let fatal = ExitCode(rawValue: 70)
    /// The configuration has faults.
    package static let configuration = ExitCode(rawValue: 78)

    /// Ends the process with this code at once, without what libraries do at an exit: a client that could not be closed in
    /// time may still have threads at work in them.
    package func leave() -> Never { _exit(rawValue) }
}
