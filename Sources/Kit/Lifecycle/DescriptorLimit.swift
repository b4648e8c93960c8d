import Glibc

/// How many descriptors the process may have open: sockets, files, everything (RLIMIT_NOFILE, `ulimit -n`).
package enum DescriptorLimit {
    /// What systems give where nobody has said anything.
    private static let usual = 1_024
    /// The resolver of names opens about as many at once: two for its thread, a file or a socket, and one to spare.
    private static let fewest = 4

    /// The soft limit that holds now.
    package static var current: Int { read().map { Int(clamping: $0.rlim_cur) } ?? usual }

    /// Lifts the soft limit to the hard one, which is what the administrator allows.
    ///
    /// The soft one is mostly 1,024, for the sake of programs that call `select` and would write beyond its set of so many.
    /// Neither this process nor its libraries do; the runtimes of Go and Java lift it too. Where it may not be lifted
    /// it stays as it is.
    ///
    /// - Returns: the soft limit that holds from now on.
    @discardableResult
    package static func raise() -> Int {
        if var limit = read(), limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        }
        return current
    }

    /// Whether a call failed because the process, or the whole system, has no descriptor left.
    package static func isCause(of error: Int32) -> Bool { error == EMFILE || error == ENFILE }

    /// Whether there are hardly any left right now: asked for where a library does not tell why it failed. It costs a few
    /// system calls.
    package static var isNearlyReached: Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<fewest {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return isCause(of: errno) }
            taken.append(descriptor)
        }
        return false
    }

    /// nil where the system does not tell.
    private static func read() -> rlimit? {
        var limit = rlimit()
        return getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
