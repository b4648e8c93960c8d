internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Time
internal import Transfer

/// What an endpoint's answer means: one table.
///
/// | answer | outcome |
/// |---|---|
/// | header `webhook-delivery: disable`, 410 | the endpoint is closed; a 2xx is delivered, too |
/// | header `webhook-delivery: abort-message` on a failure | permanent |
/// | 2xx | delivered |
/// | a status that the endpoint's own table names | as it says there; of that message, not of the endpoint |
/// | 408, 425, 429, 5xx | again later, not before `Retry-After` |
/// | anything else, redirects too | permanent |
/// | no answer | again later; ambiguous where the request left |
///
/// A status that is tried again anyway stays what it is where the endpoint's table says so, too: a 5xx counts for the
/// circuit, a 429 holds back the endpoint's other webhooks.
///
/// An event's own URL is nobody's endpoint: what it asks for is meant for that notification alone.
enum WebhookResponse {
    /// - Parameter isEventURL: the answer came from a URL that the event carried.
    static func outcome(
        of result: TransferResult, overrides: StatusOverrides, isEventURL: Bool = false, now: UnixTime
    ) -> Outcome {
        switch result {
        case .http(let response) where isEventURL: forItAlone(outcome(of: response, overrides: overrides, now: now))
        case .http(let response): outcome(of: response, overrides: overrides, now: now)
        case .failed(let failure): TransportOutcome.outcome(of: failure)
        case .mail: TransportOutcome.wrongProtocol
        }
    }

    private static func outcome(
        of response: HTTPResponse, overrides: StatusOverrides, now: UnixTime
    ) -> Outcome {
        let status = response.status
        let wish = response.header("webhook-delivery")?.lowercased()
        let closing =
            wish == "disable"
            ? Failure(
                class: FailureClass.closed, code: "webhook_delivery_disable",
                message: "the endpoint answered HTTP \(status) with webhook-delivery: disable")
            : nil
        if HTTPOutcome.isSuccess(status) {
            return .delivered(Receipt(status: .delivered, code: "http_\(status)", closing: closing))
        }
        if let closing { return .closeEndpoint(closing) }
        if wish == "abort-message" {
            return .rejected(
                Failure(
                    class: FailureClass.permanent, code: "webhook_delivery_abort",
                    message: "the endpoint answered HTTP \(status) with webhook-delivery: abort-message"), .permanent)
        }
        if overrides.permanent.contains(status) {
            return .rejected(HTTPOutcome.failed(status, FailureClass.permanent), .permanent)
        }
        let usual = HTTPOutcome.failure(of: response, now: now)
        // What is tried again anyway says more of the destination: that it is down, or wants fewer requests.
        if case .retry = usual { return usual }
        guard overrides.retry.contains(status) else { return usual }
        return .retry(
            HTTPOutcome.failed(status, FailureClass.transient), after: RetryAfter.floor(of: response, now: now))
    }

    private static func forItAlone(_ outcome: Outcome) -> Outcome {
        switch outcome {
        case .delivered(var receipt):
            receipt.closing = nil
            return .delivered(receipt)
        case .closeEndpoint(let failure): return .rejected(failure, .permanent)
        case .retry(var failure, let after):
            if failure.class == FailureClass.rateLimited { failure.class = FailureClass.transient }
            return .retry(failure, after: after)
        default: return outcome
        }
    }
}
