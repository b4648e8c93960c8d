package import Time

/// The ids of what this process delivered lately, so that a redelivered record is not sent again.
///
/// Bounded in number and in time. An id is kept as 128 bits of hash: sixteen bytes, whatever its text.
package struct DeliveredIDs: Sendable {
    /// What is kept of an id. Made once for a notification, which is looked up more than once.
    package struct Fingerprint: Hashable, Sendable {
        private let high: Int
        private let low: Int

        package init(_ id: String) {
            var first = Hasher()
            first.combine(id)
            high = first.finalize()
            var second = Hasher()
            second.combine(0x9E37_79B9)
            second.combine(id)
            low = second.finalize()
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(low) }
    }

    private let capacity: Int
    private let lifetime: Duration
    private var order = Queue<(id: Fingerprint, until: MonotonicTime)>()
    private var known: Set<Fingerprint> = []

    package init(capacity: Int = 100_000, lifetime: Duration = .seconds(3_600)) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    package var count: Int { known.count }

    package mutating func insert(_ id: Fingerprint, now: MonotonicTime) {
        guard capacity > 0 else { return }
        forget(now)
        guard known.insert(id).inserted else { return }
        order.append((id, now + lifetime))
        if known.count > capacity { removeOldest() }
    }

    package mutating func contains(_ id: Fingerprint, now: MonotonicTime) -> Bool {
        guard !known.isEmpty else { return false }
        forget(now)
        return known.contains(id)
    }

    private mutating func forget(_ now: MonotonicTime) {
        while let first = order.first, first.until <= now { removeOldest() }
    }

    private mutating func removeOldest() {
        if let oldest = order.popFirst() { known.remove(oldest.id) }
    }
}
