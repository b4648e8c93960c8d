package import Delivery
internal import Notifications
package import Time
package import Transfer

/// What a status other than success means over HTTP, where a channel knows nothing better.
package enum HTTPOutcome {
    package static func isSuccess(_ status: Int) -> Bool { (200..<300).contains(status) }

    /// 408, 425, 429 and every 5xx may pass; 410 closes the endpoint; anything else is permanent, redirects too.
    ///
    /// A 5xx says that the destination is down, as a 500 to everything does whose database is away. That one which is
    /// the fault of a single message holds nobody back is the circuit's affair: it wants many, of different messages.
    package static func failure(of response: HTTPResponse, now: UnixTime) -> Outcome {
        let status = response.status
        switch status {
        case 408, 425, 429, 500...599:
            let kind = status == 429 ? FailureClass.rateLimited : FailureClass.transient
            return .retry(
                failed(status, kind, meansDown: status >= 500),
                after: RetryAfter.floor(of: response, now: now))
        case 410: return .closeEndpoint(failed(status, FailureClass.closed))
        default: return .rejected(failed(status, FailureClass.permanent), .permanent)
        }
    }

    /// The failure that names a status.
    package static func failed(_ status: Int, _ kind: String, meansDown: Bool = false) -> Failure {
        Failure(class: kind, code: "http_\(status)", message: "the answer is HTTP \(status)", meansDown: meansDown)
    }
}
