/// Something that happens once, such as the order to stop; threads can ask for it and wait for it.
package final class Latch: Sendable {
    private let monitor = Monitor(false)

    package init() {}

    /// Whether it has happened.
    package var isOpen: Bool { monitor.withLock { $0 } }

    /// It happens now; later calls change nothing.
    package func open() {
        monitor.withLock { $0 = true }
        monitor.broadcast()
    }

    /// Blocks the calling thread until it happens, at most for `timeout`.
    /// - Returns: whether it has happened.
    @discardableResult
    package func wait(timeout: Duration = .seconds(31_536_000)) -> Bool {
        monitor.wait(timeout: timeout) { $0 }
    }
}
