import Glibc
import Lifecycle
import Synchronization

/// A TCP server on a free port of 127.0.0.1 that does to every connection what a test says, each on its own thread.
package final class StubServer: Sendable {
    package let port: Int
    private let listener: Int32
    private let state = Mutex(State())
    private let serve: @Sendable (StubConnection) -> Void

    private struct State {
        var connections: [StubConnection] = []
        var threads: [OSThread] = []
        var isStopped = false
    }

    package init(_ serve: @escaping @Sendable (StubConnection) -> Void) {
        self.serve = serve
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, size) == 0 && listen(descriptor, 128) == 0)
                getsockname(descriptor, $0, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        let acceptor = OSThread(name: "stub-accept") { [self] in acceptConnections() }
        state.withLock { $0.threads.append(acceptor) }
    }

    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Ends every connection and waits for the threads.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        let (connections, threads) = state.withLock { state in
            state.isStopped = true
            defer { state.threads = [] }
            return (state.connections, state.threads)
        }
        for connection in connections { connection.interrupt() }
        for thread in threads { thread.join() }
        close(listener)
    }

    private func acceptConnections() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            // Several small answers in a row must not wait for each other's acknowledgement.
            var noDelay: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
            let connection = StubConnection(descriptor)
            state.withLock { state in
                guard !state.isStopped else {
                    connection.close()
                    return
                }
                connection.number = state.connections.count + 1
                state.connections.append(connection)
                state.threads.append(
                    OSThread(name: "stub-serve") { [serve] in
                        serve(connection)
                        connection.close()
                    })
            }
        }
    }
}

/// One accepted connection, used by its thread; only `interrupt` comes from another one.
package final class StubConnection: @unchecked Sendable {
    /// 1 for the server's first connection.
    package fileprivate(set) var number = 0
    private let descriptor: Mutex<Int32>
    private var received: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    /// The next line without its end; nil when the peer closed.
    package func readLine() -> String? {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end].filter { $0 != 0x0D }, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    /// A whole request: its head and its body.
    package func readRequest() -> (head: [String], body: String)? {
        var head: [String] = []
        while let line = readLine(), !line.isEmpty { head.append(line) }
        guard !head.isEmpty else { return nil }
        let length = head.first { $0.lowercased().hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        while received.count < length { if !fill() { return nil } }
        defer { received.removeFirst(length) }
        return (head, String(decoding: received.prefix(length), as: UTF8.self))
    }

    /// - Returns: false when the peer is gone.
    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// - Returns: false when the peer is gone.
    @discardableResult
    package func write(_ all: [UInt8]) -> Bool {
        var bytes = all[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(current, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            bytes.removeFirst(count)
        }
        return true
    }

    /// Reads until the peer closes, or the server stops.
    package func drain() { while fill() {} }

    /// Closes with a TCP reset.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(current, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    package func interrupt() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private var current: Int32 { descriptor.withLock { $0 } }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(current, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        received.append(contentsOf: chunk.prefix(count))
        return true
    }
}
