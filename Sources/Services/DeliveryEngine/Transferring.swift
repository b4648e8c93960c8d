package import Transfer

/// The engine's view of the thread that talks to destinations: jobs in, each completed exactly once.
///
/// `TransferThread` is the real one; tests script another.
package protocol Transferring: Sendable {
    /// Takes jobs; must not block.
    func submit(_ jobs: [TransferJob])
    /// Gives up everything in flight; each job is completed as cancelled.
    func cancelAll()
    /// Cancels what is in flight and ends.
    func stop()
}

extension TransferThread: Transferring {}
