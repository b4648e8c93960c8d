package import Time

/// The destinations that asked for no more; each opens again after a day, on a reload or with the process.
package struct ClosedEndpoints: Sendable {
    private var until: [String: MonotonicTime] = [:]
    private let time: Duration

    package init(time: Duration = .seconds(86_400)) { self.time = time }

    package var count: Int { until.count }

    package mutating func close(_ name: String, now: MonotonicTime) { until[name] = now + time }

    package mutating func isClosed(_ name: String, now: MonotonicTime) -> Bool {
        guard !until.isEmpty, let end = until[name] else { return false }
        if end > now { return true }
        until[name] = nil
        return false
    }

    package mutating func openAll() { until.removeAll() }
}
