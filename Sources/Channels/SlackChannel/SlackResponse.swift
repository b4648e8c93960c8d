internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Time
internal import Transfer

/// What Slack's answer means: one table.
///
/// | answer | outcome |
/// |---|---|
/// | 200 with `ok`, or with JSON whose `ok` is true | delivered |
/// | 429, 5xx, 408, 425 | again later, not before `Retry-After` |
/// | a transient word, with any other status | again later |
/// | 410 | the endpoint is closed |
/// | any other word, status or body | permanent |
/// | no answer | again later; ambiguous where the request left |
enum SlackResponse {
    /// Slack's words for what may pass by itself.
    static let transientWords: Set<String> = [
        "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
        "rollup_error", "team_added_to_org",
    ]

    static func outcome(of result: TransferResult, now: UnixTime) -> Outcome {
        switch result {
        case .http(let response): outcome(of: response, now: now)
        case .failed(let failure): TransportOutcome.outcome(of: failure)
        case .mail: TransportOutcome.wrongProtocol
        }
    }

    private static func outcome(of response: HTTPResponse, now: UnixTime) -> Outcome {
        let status = response.status
        let answer = SlackAnswer(response.body)
        if status == 200, answer == .ok {
            return .delivered(Receipt(status: .delivered, code: "http_200"))
        }
        let wait = RetryAfter.floor(of: response, now: now)
        switch HTTPOutcome.failure(of: response, now: now) {
        case .retry(let failure, _): return .retry(named(failure, answer, status), after: wait)
        case .closeEndpoint(let failure): return .closeEndpoint(named(failure, answer, status))
        default: break
        }
        if case .error(let word) = answer, transientWords.contains(word) {
            let kind = word.hasPrefix("rate") ? FailureClass.rateLimited : FailureClass.transient
            return .retry(named(HTTPOutcome.failed(status, kind), answer, status), after: wait)
        }
        if HTTPOutcome.isSuccess(status), answer == .unknown || answer == .ok {
            return .rejected(
                Failure(
                    class: FailureClass.permanent, code: "unexpected_body",
                    message: "the answer is HTTP \(status), but not Slack's 200 with ok"), .permanent)
        }
        return .rejected(named(HTTPOutcome.failed(status, FailureClass.permanent), answer, status), .permanent)
    }

    /// The failure in Slack's own word, where the answer holds one.
    private static func named(_ failure: Failure, _ answer: SlackAnswer, _ status: Int) -> Failure {
        guard case .error(let word) = answer else { return failure }
        var failure = failure
        failure.code = "slack_\(word)"
        failure.message = "Slack answered HTTP \(status) with \(word)"
        return failure
    }
}
