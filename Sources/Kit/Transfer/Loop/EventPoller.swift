internal import CCurl
import Glibc

/// An epoll set with a wake-up that any thread may call.
// Safe because the two descriptors never change, and the kernel serialises what is done to them.
final class EventPoller: @unchecked Sendable {
    /// Whose descriptor it is.
    enum Source: Equatable {
        /// A socket of one of libcurl's loops.
        case transfer(Int32, of: Int)
        /// A mail session, by its identifier.
        case session(UInt32)
    }

    /// What happened to a descriptor.
    struct Event {
        let source: Source
        let isReadable: Bool
        let isWritable: Bool
    }

    private let descriptor: Int32
    private let alarm: Int32
    private static let alarmTag = UInt64.max
    private static let sessionTag = UInt64(0xFFFF) << 32

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
        control(EPOLL_CTL_ADD, alarm, tag: Self.alarmTag, events: EPOLLIN.rawValue)
    }

    deinit {
        close(alarm)
        close(descriptor)
    }

    /// Ends the current or next `wait`, from any thread.
    func wake() {
        eventfd_write(alarm, 1)
    }

    /// Watches for something to read or for room to write, or no longer.
    ///
    /// - Parameter isNew: the descriptor is not in the set yet.
    func watch(_ descriptor: Int32, as source: Source, reading: Bool = true, writing: Bool = false, isNew: Bool) {
        let events = (reading ? EPOLLIN.rawValue : 0) | (writing ? EPOLLOUT.rawValue : 0)
        control(isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, tag: Self.tag(source), events: events)
    }

    /// Must be called before the descriptor is closed.
    func remove(_ descriptor: Int32) {
        control(EPOLL_CTL_DEL, descriptor, tag: 0, events: 0)
    }

    /// Waits for events, at most so many milliseconds, and hands them over without the wake-ups.
    func wait(milliseconds: Int32, _ body: (Event) -> Void) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)
            for event in events.prefix(max(0, Int(count))) {
                guard event.data.u64 != Self.alarmTag else {
                    var ignored: eventfd_t = 0
                    eventfd_read(alarm, &ignored)
                    continue
                }
                // A hang-up or an error is found by reading.
                body(
                    Event(
                        source: Self.source(event.data.u64),
                        isReadable: event.events & ~EPOLLOUT.rawValue != 0,
                        isWritable: event.events & EPOLLOUT.rawValue != 0))
            }
        }
    }

    private static func tag(_ source: Source) -> UInt64 {
        switch source {
        case .transfer(let socket, let loop): UInt64(loop) << 32 | UInt64(UInt32(bitPattern: socket))
        case .session(let identifier): sessionTag | UInt64(identifier)
        }
    }

    private static func source(_ tag: UInt64) -> Source {
        let number = UInt32(truncatingIfNeeded: tag)
        return tag & sessionTag == sessionTag
            ? .session(number) : .transfer(Int32(bitPattern: number), of: Int(tag >> 32))
    }

    private func control(_ operation: Int32, _ descriptor: Int32, tag: UInt64, events: UInt32) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = tag
        _ = epoll_ctl(self.descriptor, operation, descriptor, &event)
    }
}
