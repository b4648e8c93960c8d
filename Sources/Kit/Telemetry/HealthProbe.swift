import Glibc
package import Lifecycle

/// Asks a process on this machine for its `/livez`, as `--health` does for a container's health check.
package enum HealthProbe {
    private static let timeoutSeconds = 3

    /// The outcome with a line for people.
    package struct Result: Sendable, Equatable {
        /// `ok` or `unhealthy`.
        package let exitCode: ExitCode
        package let text: String
    }

    /// Blocks for a few seconds at most.
    /// - Parameter address: where the process listens; all interfaces means the loopback one.
    package static func run(address: OperationsAddress) -> Result {
        guard case .listen(let host, let port) = address else {
            return Result(exitCode: .unhealthy, text: "the operations server is off")
        }
        guard port != 0 else {
            return Result(exitCode: .unhealthy, text: "port 0 is picked at start, so it cannot be asked; set a port")
        }
        do throws(Sockets.Fault) {
            let answer = try ask(host: host.flatMap { ["0.0.0.0", "::"].contains($0) ? nil : $0 }, port: port)
            let status = answer.split(separator: " ", maxSplits: 2).dropFirst().first
            let body = answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
            let line = body.split(separator: "\n").first.map(String.init) ?? "no answer"
            return Result(exitCode: status == "200" ? .ok : .unhealthy, text: line)
        } catch {
            return Result(exitCode: .unhealthy, text: error.message)
        }
    }

    private static func ask(host: String?, port: UInt16) throws(Sockets.Fault) -> String {
        let file = try Sockets.connect(host: host ?? "127.0.0.1", port: port, timeout: timeoutSeconds)
        defer { close(file) }
        let request = Array("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Sockets.Fault(message: "the connection broke")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // A health answer is one line; whatever is longer is not ours.
        while answer.count < 65_536 {
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
