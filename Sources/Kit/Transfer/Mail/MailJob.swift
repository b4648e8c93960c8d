internal import Time

/// One mail on its way through a pool. Owned by the transfer thread.
final class MailJob {
    let token: UInt64
    let request: MailRequest
    let startedAt = MonotonicTime.now
    /// It met a kept session that the server had closed, and went to another one.
    var wasMoved = false

    init(_ token: UInt64, _ request: MailRequest) {
        self.token = token
        self.request = request
    }
}
