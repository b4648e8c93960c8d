import Glibc

/// Whole texts to the process's standard streams, for commands; services log instead.
package enum Console {
    /// Writes a text as it is to standard output.
    /// - Returns: false when nobody reads there any more.
    @discardableResult
    package static func write(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Writes a text as it is to standard error.
    package static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to file: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
