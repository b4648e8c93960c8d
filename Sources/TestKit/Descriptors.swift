import Glibc

/// Shortage of descriptors, for tests that run in a process of their own.
package enum Descriptors {
    /// Lowers the soft limit so that hardly any descriptor can be had any more.
    ///
    /// - Parameter left: how many can be had at most.
    package static func exhaust(left: Int = 0) {
        let next = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        close(next)
        // The system gives the lowest number that is free: all below are taken.
        limit(soft: Int(next) + left)
    }

    /// Sets the soft limit, and the hard one too where it is given.
    package static func limit(soft: Int, hard: Int? = nil) {
        var limit = rlimit()
        getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: hard.map { rlim_t($0) } ?? limit.rlim_max)
        precondition(setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0, "the limit of descriptors cannot be set")
    }
}
