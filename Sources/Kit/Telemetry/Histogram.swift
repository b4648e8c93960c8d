import Synchronization
internal import Time

/// Counts of observed values by size. Safe to use from any thread; a scrape may see an observation half.
package final class Histogram: @unchecked Sendable {
    // Safe because the pointed-to counters are atomics and the pointer never changes.
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = AtomicDouble(0)
    /// The upper bounds without infinity, growing.
    let bounds: [Double]

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = .allocate(capacity: bounds.count + 1)
        for index in 0...bounds.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: bounds.count + 1)
        counts.deallocate()
    }

    /// - Parameter times: how many values of this size there were.
    package func observe(_ value: Double, times: Int = 1) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        counts[index].add(UInt64(max(0, times)), ordering: .relaxed)
        sum.add(value * Double(times))
    }

    /// The same in seconds.
    package func observe(_ duration: Duration, times: Int = 1) { observe(duration.seconds, times: times) }

    /// How many values were observed.
    package var count: UInt64 { cumulative.last ?? 0 }

    var total: Double { sum.load() }

    /// For each bound, and at last for infinity, how many values are not above it.
    var cumulative: [UInt64] {
        var running: UInt64 = 0
        return (0...bounds.count).map { index in
            running += counts[index].load(ordering: .relaxed)
            return running
        }
    }
}
