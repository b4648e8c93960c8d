#if canImport(CMimalloc)
    internal import CMimalloc
#endif

/// The memory allocator of every executable: linking this module puts mimalloc in the place of the C library's malloc.
///
/// librdkafka asks for memory once for each record and once for each of its headers, and gives it back in another
/// order: a large part of the core's time with the C library's malloc. A build for the sanitizers has theirs instead.
enum Allocator {
    /// Such as `mimalloc 2.0.9`.
    static var name: String {
        #if canImport(CMimalloc)
            let version = mi_version()
            return "mimalloc \(version / 100).\(version / 10 % 10).\(version % 10)"
        #else
            return "sanitizer"
        #endif
    }
}
