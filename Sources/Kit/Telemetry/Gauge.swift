import Synchronization

/// A value that goes up and down. Safe to use from any thread.
package final class Gauge: Sendable {
    private let value: AtomicDouble

    init() {
        value = AtomicDouble(0)
    }

    package func set(_ value: Double) { self.value.store(value) }
    package func set(_ value: Int) { set(Double(value)) }
    package func add(_ amount: Int) { value.add(Double(amount)) }

    package var current: Double { value.load() }
}
