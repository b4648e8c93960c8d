import Synchronization

/// A count that only grows. Safe to use from any thread; one relaxed addition.
package final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    package func increment(by amount: Int = 1) {
        count.add(UInt64(max(0, amount)), ordering: .relaxed)
    }

    package var value: UInt64 { count.load(ordering: .relaxed) }
}
