package import Lifecycle

/// Why a command ends without having done its work.
package struct CommandFault: Error, Equatable {
    package var code: ExitCode
    /// For people: usually one sentence, without a full stop.
    package var message: String

    package init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The command line is wrong.
    package static func usage(_ message: String) -> CommandFault { CommandFault(.usage, message) }

    /// What was to be printed is not where it was to go, for the system's reason.
    static func output(_ reason: String) -> CommandFault {
        CommandFault(.fatal, "standard output cannot be written: \(reason)")
    }
}
