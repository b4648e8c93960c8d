import Glibc

/// Asks an operations server over HTTP, as a health check or a person on call does.
package enum OperationsClient {
    /// Why there is no answer, for people.
    package struct Fault: Error, Sendable, Equatable {
        package let message: String
    }

    package struct Answer: Sendable, Equatable {
        package let status: Int
        package let body: String
    }

    /// Blocks for the time limit at most for each step: connect, send, each part of the answer.
    ///
    /// - Parameters:
    ///   - address: where the process listens; all interfaces means the loopback one.
    ///   - limit: an answer that is longer is none.
    package static func get(
        _ path: String, at address: OperationsAddress, timeoutSeconds: Int = 3, limit: Int = 8 << 20
    ) throws(Fault) -> Answer {
        guard case .listen(let host, let port) = address else {
            throw Fault(message: "the operations server is off")
        }
        guard port != 0 else {
            throw Fault(message: "port 0 is picked at start, so it cannot be asked; set a port")
        }
        let name = host.flatMap { ["0.0.0.0", "::"].contains($0) ? nil : $0 } ?? "127.0.0.1"
        let bytes: [UInt8]
        do throws(Sockets.Fault) {
            bytes = try exchange(path, host: name, port: port, timeoutSeconds, limit)
        } catch {
            throw Fault(message: error.message)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n"),
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({ Int($0) })
        else { throw Fault(message: "\(name) port \(port) gave no answer in HTTP") }
        return Answer(status: status, body: String(text[end.upperBound...]))
    }

    private static func exchange(
        _ path: String, host: String, port: UInt16, _ timeout: Int, _ limit: Int
    ) throws(Sockets.Fault) -> [UInt8] {
        let file = try Sockets.connect(host: host, port: port, timeout: timeout)
        defer { close(file) }
        // HTTP/1.0: the answer comes in one piece, without chunks.
        let request = Array("GET \(path) HTTP/1.0\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8)
        guard send(file, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Sockets.Fault(message: "the connection broke")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while answer.count < limit {
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return answer
    }
}
