import Lifecycle

/// One thread that carries out HTTP requests and mails for everybody, many at once.
///
/// Safe to use from any thread. How much is in flight is the submitter's to bound: nothing is refused or queued here
/// but mails that wait for a session.
package final class TransferThread: Sendable {
    private let loop: TransferLoop
    private let thread: OSThread
    private let onCompletion: @Sendable ([TransferCompletion]) -> Void

    /// Starts the thread.
    ///
    /// - Parameter onCompletion: called on the transfer thread with everything that ended since the last call; it
    ///   must not block.
    /// - Throws: kind `other` where memory or descriptors are short.
    package init(
        settings: TransferSettings, onCompletion: @escaping @Sendable ([TransferCompletion]) -> Void
    ) throws(TransferFailure) {
        let loop = try TransferLoop(settings: settings, onCompletion: onCompletion)
        self.loop = loop
        self.onCompletion = onCompletion
        thread = OSThread(name: "transfer") { loop.run() }
    }

    deinit { loop.mailbox.close() }

    /// Hands over jobs. Each is completed exactly once; after `stop`, at once and on the calling thread.
    package func submit(_ jobs: [TransferJob]) {
        guard !loop.mailbox.put(jobs) else { return }
        let failure = TransferFailure(.cancelled, "the transfer thread was stopped")
        onCompletion(jobs.map { TransferCompletion(token: $0.token, result: .failed(failure), duration: .zero) })
    }

    /// Gives up everything that was submitted so far; each job is completed as `cancelled`, soon and on the
    /// transfer thread.
    package func cancelAll() { loop.cancelAll() }

    /// Cancels what is in flight, delivers the completions, closes every connection and waits for the thread to end.
    package func stop() {
        loop.mailbox.close()
        thread.join()
    }
}
