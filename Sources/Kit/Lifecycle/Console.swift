import Glibc

/// Whole texts to the process's standard streams, for commands; services log instead.
package enum Console {
    /// What became of a text.
    package enum Outcome: Sendable, Equatable {
        case written
        /// Nobody reads there any more, which is no fault: `| head` does so.
        case closed
        /// It could not be written, and somebody may believe that it was: a full disk. The system's reason.
        case failed(String)
    }

    /// Writes a text as it is to standard output.
    package static func write(_ text: String) -> Outcome { write(text, to: STDOUT_FILENO) }

    /// Writes a text as it is to standard error.
    package static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to file: Int32) -> Outcome {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count < 0 else {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Whoever shares the stream has made it one that does not wait.
                var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            case EPIPE: return .closed
            case let code: return .failed(String(cString: strerror(code)))
            }
        }
        return .written
    }
}
