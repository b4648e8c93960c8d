import Synchronization

@testable import Transfer

/// A transfer thread whose results can be awaited.
final class Client: Sendable {
    let thread: TransferThread
    private let waiters: Waiters

    private final class Waiters: Sendable {
        let state = Mutex((last: UInt64(0), waiting: [UInt64: @Sendable (TransferCompletion) -> Void]()))
    }

    init(allow: [String] = ["127.0.0.0/8"], _ change: (inout TransferSettings) -> Void = { _ in }) throws {
        let waiters = Waiters()
        var settings = TransferSettings(allowNetworks: try allow.map { try NetworkRange($0) })
        change(&settings)
        self.waiters = waiters
        thread = try TransferThread(settings: settings) { completions in
            for completion in completions {
                waiters.state.withLock { $0.waiting.removeValue(forKey: completion.token) }?(completion)
            }
        }
    }

    /// Hands all over in one batch and waits for all.
    func run(_ requests: [TransferRequest]) async -> [TransferCompletion] {
        await withCheckedContinuation { continuation in
            let results = Results()
            let jobs = waiters.state.withLock { state in
                requests.map { request in
                    state.last += 1
                    state.waiting[state.last] = { completion in
                        let all = results.completions.withLock { completions in
                            completions.append(completion)
                            return completions
                        }
                        if all.count == requests.count { continuation.resume(returning: all) }
                    }
                    return TransferJob(token: state.last, request: request)
                }
            }
            thread.submit(jobs)
        }
    }

    private final class Results: Sendable {
        let completions = Mutex<[TransferCompletion]>([])
    }

    func post(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}",
        timeout: Duration = .seconds(20), basicAuth: BasicAuth? = nil
    ) async throws -> TransferResult {
        let request = try HTTPRequest(
            url: WebAddress(url), headers: HTTPHeaders(headers), body: Array(body.utf8), timeout: timeout,
            basicAuth: basicAuth)
        return await run([.http(request)])[0].result
    }

    func mail(
        _ server: MailServer, to: String = "user@example.org", message: String = "Subject: Hi\r\n\r\nHello\r\n",
        timeout: Duration = .seconds(20)
    ) async throws -> TransferResult {
        let request = try MailRequest(
            server: server, from: "shop@example.com", to: to, message: Array(message.utf8), timeout: timeout)
        return await run([.mail(request)])[0].result
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
