import Glibc
package import Lifecycle

/// Where a command writes, so that tests can read it.
package struct CommandOutput {
    /// Writes to standard output.
    package var write: (String) -> Console.Outcome
    package var writeError: (String) -> Void
    /// The columns of the terminal that is standard output; nil where it is none.
    package var columns: Int?

    package init(
        write: @escaping (String) -> Console.Outcome, writeError: @escaping (String) -> Void, columns: Int? = nil
    ) {
        self.write = write
        self.writeError = writeError
        self.columns = columns
    }

    /// The standard streams.
    package static var standard: CommandOutput {
        CommandOutput(write: Console.write, writeError: Console.writeError, columns: Terminal.size?.columns)
    }
}

/// The terminal behind standard output.
package enum Terminal {
    /// Its size now; nil where standard output is no terminal.
    package static var size: (columns: Int, rows: Int)? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether a person sees what goes to standard error.
    package static var isErrorTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
