/// One thread that carries out HTTP requests and mails for everybody, many at once.
package final class TransferThread: Sendable {
    private let settings: TransferSettings
    private let onCompletion: @Sendable ([TransferCompletion]) -> Void

    /// - Parameter onCompletion: called on the transfer thread with everything that ended since the last call; it
    ///   must not block.
    package init(
        settings: TransferSettings, onCompletion: @escaping @Sendable ([TransferCompletion]) -> Void
    ) throws(TransferFailure) {
        self.settings = settings
        self.onCompletion = onCompletion
    }

    /// Takes jobs from any thread. Each is completed exactly once, also after `stop`.
    package func submit(_ jobs: [TransferJob]) {
        let failure = TransferFailure(.cancelled, "the transfer thread does not run")
        onCompletion(jobs.map { TransferCompletion(token: $0.token, result: .failed(failure), duration: .zero) })
    }

    /// Gives up everything in flight; each job is completed as `cancelled`.
    package func cancelAll() {}

    /// Cancels what is in flight and ends the thread.
    package func stop() {}
}
