import DeliveryEngine
import Synchronization
import Transfer

/// Answers jobs by a script, and remembers them. Outlives the consumers that use it, as a receiver does.
final class ScriptedTransfer: Sendable {
    struct Attempt: Sendable {
        let id: String
        let number: Int
        let trace: String
        let at: ContinuousClock.Instant
    }

    private struct State {
        var attempts: [Attempt] = []
    }

    private let state = Mutex(State())
    /// The status for an id and how often it has been tried; `nil` hangs until the job is cancelled.
    private let script: @Sendable (String, Int) -> Int?

    init(_ script: @escaping @Sendable (String, Int) -> Int?) { self.script = script }

    var attempts: [Attempt] { state.withLock { $0.attempts } }
    func count(_ id: String) -> Int { attempts.count { $0.id == id } }

    fileprivate func answer(_ job: TransferJob) -> TransferResult? {
        guard case .http(let request) = job.request else { return nil }
        let id = String(decoding: request.body, as: UTF8.self)
        let header = { name in request.headers.first { $0.name == name }?.value ?? "" }
        let attempt = Attempt(id: id, number: Int(header("x-attempt")) ?? 0, trace: header("x-trace"), at: .now)
        let count = state.withLock { state -> Int in
            state.attempts.append(attempt)
            return state.attempts.count { $0.id == id }
        }
        return script(id, count).map { .http(HTTPResponse(status: $0)) }
    }
}

/// One consumer's line to the script.
final class ScriptedLine: Transferring {
    private let transfer: ScriptedTransfer
    private let onCompletion: @Sendable ([TransferCompletion]) -> Void
    private let hanging = Mutex<[UInt64]>([])

    init(_ transfer: ScriptedTransfer, _ onCompletion: @escaping @Sendable ([TransferCompletion]) -> Void) {
        self.transfer = transfer
        self.onCompletion = onCompletion
    }

    func submit(_ jobs: [TransferJob]) {
        for job in jobs {
            if let result = transfer.answer(job) {
                onCompletion([TransferCompletion(token: job.token, result: result, duration: .milliseconds(3))])
            } else {
                hanging.withLock { $0.append(job.token) }
            }
        }
    }

    func cancelAll() {
        let tokens = hanging.withLock { hanging -> [UInt64] in
            defer { hanging = [] }
            return hanging
        }
        let failure = TransferFailure(.cancelled, "cancelled")
        onCompletion(tokens.map { TransferCompletion(token: $0, result: .failed(failure), duration: .zero) })
    }

    func stop() { cancelAll() }
}
