internal import CMicroHTTPD
import Glibc
import Synchronization

/// The HTTP server for operators: `/livez`, `/readyz` and `/metrics` over libmicrohttpd, on a thread of its own.
///
/// Connections are few at a time and end after three seconds without a byte, so that a thousand of them cost neither many
/// descriptors nor the answer to a probe for long. It stops when it is released. Safe to use from any thread.
package final class OperationsServer: Sendable {
    /// The server cannot start.
    package struct Fault: Error, Sendable {
        /// For people: the address and the system's reason.
        package let message: String
    }

    private static let maximumConnections: UInt32 = 128
    private static let timeoutSeconds: UInt32 = 3
    private static let connectionMemory = 32 * 1_024

    /// The port it listens on, also when 0 was asked for; 0 when the server is off.
    package let port: Int

    private let daemon: Mutex<Daemon?>

    /// libmicrohttpd's handle and what its callback needs.
    private struct Daemon: @unchecked Sendable {
        // Safe because only `stop` touches them, once.
        let handle: OpaquePointer
        let context: Unmanaged<OperationsEndpoints>
    }

    /// Starts to listen and logs `operations_listening` with address and port.
    /// - Parameters:
    ///   - live: whether the process makes progress; called on the server's thread, must not block.
    ///   - ready: whether it takes part in the work; the same.
    /// - Throws: when the address cannot be listened on.
    package init(
        address: OperationsAddress, registry: MetricsRegistry, live: @escaping @Sendable () -> HealthReport,
        ready: @escaping @Sendable () -> HealthReport, log: Log = Log()
    ) throws(Fault) {
        guard case .listen(let host, let wantedPort) = address else {
            port = 0
            daemon = Mutex(nil)
            return
        }
        let socket: Int32
        do throws(Sockets.Fault) {
            socket = try Sockets.listen(host: host, port: wantedPort)
        } catch {
            throw Fault(message: "operations server: \(error.message)")
        }
        port = Sockets.port(of: socket)
        let endpoints = OperationsEndpoints(registry: registry, live: live, ready: ready)
        let context = Unmanaged.passRetained(endpoints)
        let handle = CMicroHTTPD_start(
            socket, operationsCallback, context.toOpaque(), Self.maximumConnections, Self.timeoutSeconds,
            Self.connectionMemory)
        guard let handle else {
            close(socket)
            context.release()
            throw Fault(message: "operations server: libmicrohttpd did not start")
        }
        daemon = Mutex(Daemon(handle: handle, context: context))
        log.info(
            "operations_listening", "Health and metrics can be asked for.",
            [LogField("address", host ?? "*"), LogField("port", port)])
    }

    deinit { stop() }

    /// Closes every connection and ends the thread. Later calls change nothing.
    package func stop() {
        guard let daemon = daemon.withLock({ $0.take() }) else { return }
        MHD_stop_daemon(daemon.handle)
        // No callback runs any more.
        daemon.context.release()
    }
}

/// What libmicrohttpd calls for each piece of a request: once for the head, then for the body, then to answer.
private func operationsCallback(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, url: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, body: UnsafePointer<CChar>?,
    bodyLength: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let state else { return .NO }
    if state.pointee == nil {
        // Anything but nil marks the head as seen.
        state.pointee = context
        return .YES
    }
    if let bodyLength, bodyLength.pointee > 0 {
        bodyLength.pointee = 0
        return .YES
    }
    let endpoints = Unmanaged<OperationsEndpoints>.fromOpaque(context).takeUnretainedValue()
    let answer = endpoints.answer(method: String(cString: method), path: String(cString: url))
    let response = answer.body.withUnsafeBytes { bytes in
        MHD_create_response_from_buffer(
            bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    for (name, value) in answer.headers { MHD_add_response_header(response, name, value) }
    return MHD_queue_response(connection, answer.status, response)
}
