/// Why a benchmark cannot run, or a check failed, in one sentence.
struct BenchError: Error {
    let message: String
    /// The exit code: 64 for bad usage.
    var code: Int32 = 1
}
