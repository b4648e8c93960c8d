/// Batches on their way from any threads to one thread that takes them all at once.
///
/// The order of one sender's elements is kept. Safe to use from any thread.
package final class Mailbox<Element: Sendable>: Sendable {
    private struct Contents {
        var elements: [Element] = []
        var isClosed = false
    }

    private let capacity: Int
    private let wake: (@Sendable () -> Void)?
    private let monitor = Monitor(Contents())

    /// - Parameters:
    ///   - capacity: the most elements that wait.
    ///   - wake: called by the sender, outside the lock, whenever an empty mailbox got something or it was closed; for
    ///     a reader that sleeps in a C library's poll instead of `wait`.
    package init(capacity: Int = .max, wake: (@Sendable () -> Void)? = nil) {
        self.capacity = capacity
        self.wake = wake
    }

    /// How many elements wait.
    package var count: Int { monitor.withLock { $0.elements.count } }

    /// Whether `close` was called; what is inside can still be taken.
    package var isClosed: Bool { monitor.withLock { $0.isClosed } }

    /// Puts a whole batch, or nothing of it.
    /// - Returns: false when the batch would pass the capacity, or the mailbox is closed.
    @discardableResult
    package func put(_ batch: [Element]) -> Bool {
        guard !batch.isEmpty else { return true }
        let (taken, wasEmpty) = monitor.withLock { contents -> (Bool, Bool) in
            guard !contents.isClosed, batch.count <= capacity - contents.elements.count else { return (false, false) }
            let wasEmpty = contents.elements.isEmpty
            contents.elements.append(contentsOf: batch)
            return (true, wasEmpty)
        }
        if wasEmpty { notify() }
        return taken
    }

    /// Takes everything, in the order it was put; empty when nothing waits.
    package func takeAll() -> [Element] {
        monitor.withLock { contents in
            var elements: [Element] = []
            swap(&elements, &contents.elements)
            return elements
        }
    }

    /// Blocks until something waits, the mailbox is closed or the time is over.
    /// - Returns: whether something waits.
    package func wait(timeout: Duration) -> Bool {
        _ = monitor.wait(timeout: timeout) { !$0.elements.isEmpty || $0.isClosed }
        return count > 0
    }

    /// Refuses further batches and wakes the reader.
    package func close() {
        monitor.withLock { $0.isClosed = true }
        notify()
    }

    private func notify() {
        monitor.broadcast()
        wake?()
    }
}
