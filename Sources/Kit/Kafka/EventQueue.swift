internal import CRdKafka

/// A queue of a librdkafka client, with a bell that rings when something comes into it while it is empty.
///
/// The owner thread polls it; the bell rings on a thread of librdkafka and must only wake the owner.
final class EventQueue {
    let pointer: OpaquePointer
    private let bell: Unmanaged<Bell>?

    private final class Bell: Sendable {
        let ring: @Sendable () -> Void

        init(ring: @escaping @Sendable () -> Void) { self.ring = ring }
    }

    /// - Parameter queue: a reference of its own.
    init(_ queue: OpaquePointer, onEvents: (@Sendable () -> Void)?) {
        pointer = queue
        bell = onEvents.map { Unmanaged.passRetained(Bell(ring: $0)) }
        guard let bell else { return }
        rd_kafka_queue_cb_event_enable(
            queue, { _, opaque in opaque.map { Unmanaged<Bell>.fromOpaque($0).takeUnretainedValue().ring() } },
            bell.toOpaque())
    }

    /// Must be called once, before the client is destroyed.
    func close() {
        // Under the queue's lock, which the bell is rung under, too: afterwards it is silent.
        rd_kafka_queue_cb_event_enable(pointer, nil, nil)
        rd_kafka_queue_destroy(pointer)
        bell?.release()
    }
}
