import Glibc
import Synchronization

/// A thread of the operating system, for loops that block in C libraries.
///
/// Starts at once. The body must return by itself; nothing stops it from outside. Safe to use from any thread.
package final class OSThread: Sendable {
    /// The thread until somebody joins it.
    private let handle: Mutex<pthread_t?>

    /// - Parameters:
    ///   - name: what `top` and crash reports show; the kernel keeps 15 bytes.
    ///   - stackSize: bytes.
    package init(name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) {
        let context = Unmanaged.passRetained(Body(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stackSize)
        var thread = pthread_t()
        let result = pthread_create(&thread, &attributes, Self.start, context.toOpaque())
        pthread_attr_destroy(&attributes)
        // Only a system without memory or thread numbers refuses; no part of the program can do its work then.
        precondition(result == 0, "cannot start thread \(name): \(String(cString: strerror(result)))")
        handle = Mutex(thread)
    }

    deinit {
        if let thread = handle.withLock({ $0.take() }) { pthread_detach(thread) }
    }

    /// Waits for the body to return. The second call, and a call from the thread itself, return at once.
    package func join() {
        let thread = handle.withLock { handle -> pthread_t? in
            guard let thread = handle, pthread_equal(thread, pthread_self()) == 0 else { return nil }
            return handle.take()
        }
        if let thread { pthread_join(thread, nil) }
    }

    /// Sends a signal to this thread alone; nothing happens when it was joined.
    func send(signal: Int32) {
        handle.withLock { thread in
            if let thread { pthread_kill(thread, signal) }
        }
    }

    /// What the new thread gets; owned by the thread once it runs.
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        OSThread.nameCurrentThread(body.name)
        body.run()
        return nil
    }

    /// The C functions for this are a GNU extension or variadic, so Swift does not see them.
    private static func nameCurrentThread(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        let bytes = Array(name.utf8.prefix(15))
        _ = write(file, bytes, bytes.count)
        close(file)
    }
}
