internal import CRdKafka
internal import Synchronization

/// Ends a consumer's wait from another thread, for instance when work has come back that must be committed.
///
/// Safe to use after the consumer has been closed: it does nothing then.
package final class ConsumerWaker: Sendable {
    // Safe because librdkafka's queues are thread-safe, and the lock keeps the queue alive while it is used.
    private struct Queue: @unchecked Sendable { var pointer: OpaquePointer? }
    private let queue: Mutex<Queue>

    init(queue: OpaquePointer?) { self.queue = Mutex(Queue(pointer: queue)) }

    deinit { invalidate() }

    package func wake() {
        queue.withLock { queue in
            if let pointer = queue.pointer { rd_kafka_queue_yield(pointer) }
        }
    }

    func invalidate() {
        queue.withLock { queue in
            if let pointer = queue.pointer { rd_kafka_queue_destroy(pointer) }
            queue.pointer = nil
        }
    }
}
