/// A heap of wake-up times, earliest first. Entries are never cancelled: who is woken checks whether it still matters.
struct Timers<Time: Comparable & Sendable>: Sendable {
    private var heap: [(at: Time, token: Int)] = []

    var next: Time? { heap.first?.at }
    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ token: Int, at instant: Time) {
        heap.append((instant, token))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].at < heap[parent].at else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes one entry that is due.
    mutating func popDue(_ now: Time) -> Int? {
        guard let first = heap.first, first.at <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.token
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
