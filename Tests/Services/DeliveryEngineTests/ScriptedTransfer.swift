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

    fileprivate struct Hanging: Sendable {
        let id: String
        let line: ObjectIdentifier
        let complete: @Sendable (TransferResult) -> Void
    }

    private struct State {
        var attempts: [Attempt] = []
        var counts: [String: Int] = [:]
        var hanging: [Hanging] = []
    }

    /// Instead of a status: the process has no descriptor left.
    static let noDescriptor = 0

    private let state = Mutex(State())
    /// The status for an id and how often it has been tried; `nil` hangs until it is answered or cancelled.
    private let script: @Sendable (String, Int) -> Int?

    init(_ script: @escaping @Sendable (String, Int) -> Int?) { self.script = script }

    var attempts: [Attempt] { state.withLock { $0.attempts } }
    /// How often each id was tried.
    var counts: [String: Int] { state.withLock { $0.counts } }
    func count(_ id: String) -> Int { state.withLock { $0.counts[id] ?? 0 } }

    /// What waits for its answer, oldest first.
    var hanging: [String] { state.withLock { $0.hanging.map(\.id) } }

    /// Answers those that hang and are chosen, as a receiver that took its time.
    func answer(_ status: Int = 200, where isChosen: (String) -> Bool = { _ in true }) {
        complete(.http(HTTPResponse(status: status))) { isChosen($0.id) }
    }

    /// Answers the attempt that has hung for longest of those for an id.
    func answerOldest(_ id: String, _ status: Int = 200) {
        var isFound = false
        answer(status) { candidate in
            guard candidate == id, !isFound else { return false }
            isFound = true
            return true
        }
    }

    /// Ends one that hangs as what expired before it was sent.
    func expire(_ id: String) { complete(.failed(TransferFailure(.expired, "too late"))) { $0.id == id } }

    /// What hangs has reached its destination, except for what is named so.
    fileprivate func cancelAll(of line: ObjectIdentifier) {
        for isSent in [true, false] {
            complete(.failed(TransferFailure(.cancelled, requestSent: isSent, "cancelled"))) {
                $0.line == line && $0.id.hasPrefix("unsent") != isSent
            }
        }
    }

    private func complete(_ result: TransferResult, where isChosen: (Hanging) -> Bool) {
        let chosen = state.withLock { state -> [Hanging] in
            var chosen: [Hanging] = []
            var kept: [Hanging] = []
            for job in state.hanging {
                if isChosen(job) { chosen.append(job) } else { kept.append(job) }
            }
            state.hanging = kept
            return chosen
        }
        for job in chosen { job.complete(result) }
    }

    fileprivate func take(
        _ job: TransferJob, of line: ObjectIdentifier, complete: @escaping @Sendable (TransferResult) -> Void
    ) {
        guard case .http(let request) = job.request else { return }
        let id = String(decoding: request.body, as: UTF8.self)
        let header = { name in request.headers.first { $0.name == name }?.value ?? "" }
        let attempt = Attempt(id: id, number: Int(header("x-attempt")) ?? 0, trace: header("x-trace"), at: .now)
        let status = state.withLock { state -> Int? in
            state.attempts.append(attempt)
            state.counts[id, default: 0] += 1
            let status = script(id, state.counts[id] ?? 0)
            if status == nil { state.hanging.append(Hanging(id: id, line: line, complete: complete)) }
            return status
        }
        guard let status else { return }
        complete(
            status == Self.noDescriptor
                ? .failed(TransferFailure(.descriptors, "none left")) : .http(HTTPResponse(status: status)))
    }
}

/// One consumer's line to the script.
final class ScriptedLine: Transferring {
    private let transfer: ScriptedTransfer
    private let onCompletion: @Sendable ([TransferCompletion]) -> Void

    init(_ transfer: ScriptedTransfer, _ onCompletion: @escaping @Sendable ([TransferCompletion]) -> Void) {
        self.transfer = transfer
        self.onCompletion = onCompletion
    }

    func submit(_ jobs: [TransferJob]) {
        for job in jobs {
            transfer.take(job, of: ObjectIdentifier(self)) { [onCompletion] result in
                onCompletion([TransferCompletion(token: job.token, result: result, duration: .milliseconds(3))])
            }
        }
    }

    func cancelAll() { transfer.cancelAll(of: ObjectIdentifier(self)) }

    func stop() { cancelAll() }
}
