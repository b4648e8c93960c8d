internal import Kafka
internal import Synchronization

/// Wakes the engine's thread out of its consumer's poll, from any thread; does nothing before there is a consumer.
final class WakeRelay: Sendable {
    private let waker = Mutex<ConsumerWaker?>(nil)

    func set(_ waker: ConsumerWaker?) { self.waker.withLock { $0 = waker } }

    func wake() { waker.withLock { $0 }?.wake() }
}
