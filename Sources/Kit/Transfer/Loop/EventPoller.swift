internal import CCurl
import Glibc

/// An epoll set with a wake-up that any thread may call.
// Safe because the two descriptors never change, and the kernel serialises what is done to them.
final class EventPoller: @unchecked Sendable {
    /// What happened to a descriptor.
    struct Event {
        let identifier: UInt32
        let isReadable: Bool
        let isWritable: Bool
    }

    /// Readable when any descriptor of the set is; can stand in another poll.
    let descriptor: Int32
    private let alarm: Int32
    private static let alarmIdentifier = UInt32.max

    /// nil where the process has no descriptors left.
    init?() {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        let alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard alarm >= 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.alarm = alarm
        add(alarm, identifier: Self.alarmIdentifier)
    }

    deinit {
        close(alarm)
        close(descriptor)
    }

    /// Ends the current or next `wait`, from any thread.
    func wake() {
        eventfd_write(alarm, 1)
    }

    /// Watches for something to read.
    func add(_ descriptor: Int32, identifier: UInt32) {
        control(EPOLL_CTL_ADD, descriptor, identifier: identifier, writing: false)
    }

    /// Watches for room to write too, or no longer.
    func watch(_ descriptor: Int32, identifier: UInt32, writing: Bool) {
        control(EPOLL_CTL_MOD, descriptor, identifier: identifier, writing: writing)
    }

    /// Must be called before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, identifier: 0, writing: false)
    }

    /// Waits for events, at most so many milliseconds, and hands them over without the wake-ups.
    func wait(milliseconds: Int32, _ body: (Event) -> Void) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
            let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)
            for event in events.prefix(max(0, Int(count))) {
                guard event.data.u32 != Self.alarmIdentifier else {
                    var ignored: eventfd_t = 0
                    eventfd_read(alarm, &ignored)
                    continue
                }
                // A hang-up or an error is found by reading.
                body(
                    Event(
                        identifier: event.data.u32,
                        isReadable: event.events & ~EPOLLOUT.rawValue != 0,
                        isWritable: event.events & EPOLLOUT.rawValue != 0))
            }
        }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, identifier: UInt32, writing: Bool) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (writing ? EPOLLOUT.rawValue : 0)
        event.data.u32 = identifier
        _ = epoll_ctl(self.descriptor, operation, descriptor, &event)
    }
}
