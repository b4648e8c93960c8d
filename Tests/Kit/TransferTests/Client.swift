import Synchronization

@testable import Transfer

/// A transfer thread whose results can be awaited.
final class Client: Sendable {
    let thread: TransferThread
    private let waiters: Waiters

    private final class Waiters: Sendable {
        let state = Mutex((last: UInt64(0), continuations: [UInt64: CheckedContinuation<TransferCompletion, Never>]()))
    }

    init(allow: [String] = ["127.0.0.0/8"], _ change: (inout TransferSettings) -> Void = { _ in }) throws {
        let waiters = Waiters()
        var settings = TransferSettings(allowNetworks: try allow.map { try NetworkRange($0) })
        change(&settings)
        self.waiters = waiters
        thread = try TransferThread(settings: settings) { completions in
            for completion in completions {
                let waiter = waiters.state.withLock { $0.continuations.removeValue(forKey: completion.token) }
                waiter?.resume(returning: completion)
            }
        }
    }

    func run(_ request: TransferRequest) async -> TransferCompletion {
        await withCheckedContinuation { continuation in
            let token = waiters.state.withLock { state in
                state.last += 1
                state.continuations[state.last] = continuation
                return state.last
            }
            thread.submit([TransferJob(token: token, request: request)])
        }
    }

    /// Runs all at once.
    func runAll(_ requests: [TransferRequest]) async -> [TransferCompletion] {
        await withTaskGroup(of: TransferCompletion.self) { group in
            for request in requests { group.addTask { await self.run(request) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    func post(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}",
        timeout: Duration = .seconds(5), basicAuth: (user: String, password: String)? = nil
    ) async throws -> TransferResult {
        let request = try HTTPRequest(
            url: WebAddress(url), headers: headers, body: Array(body.utf8), timeout: timeout, basicAuth: basicAuth)
        return await run(.http(request)).result
    }

    func mail(
        _ server: MailServer, to: String = "user@example.org", message: String = "Subject: Hi\r\n\r\nHello\r\n",
        timeout: Duration = .seconds(5)
    ) async throws -> TransferResult {
        let request = try MailRequest(
            server: server, from: "shop@example.com", to: to, message: Array(message.utf8), timeout: timeout)
        return await run(.mail(request)).result
    }
}

extension TransferResult {
    /// The result in few words, for tables of expectations.
    var summary: String {
        switch self {
        case .http(let response): "\(response.status) \(response.body.count)"
        case .mail(let reply): "\(reply.code) \(reply.stage.rawValue)"
        case .failed(let failure): failure.code + (failure.requestSent ? " sent" : "")
        }
    }
}
