import Delivery
import DeliveryEngine
import Notifications
import Time
import Transfer

/// A webhook channel without a network: the request carries the notification's id, the answer's status decides.
struct FakeChannel: Channel {
    var name: ChannelName { .webhook }
    var hasSeveralDestinations: Bool { true }
    /// The URL of an endpoint, where there is a network after all.
    var url: @Sendable (String) -> String = { _ in "https://example.com/" }
    var timeout: Duration = .seconds(5)
    /// Of the endpoint `slow`; of others there is none.
    var rate = Destination.Rate(count: 5, per: .seconds(1), burst: 1)
    /// The endpoint that does not exist.
    var missing = "nowhere"
    /// Called with the id of the notification whose request is made, on the engine's thread.
    var onRequest: @Sendable (String) -> Void = { _ in }

    private static let unknownEndpoint = Refusal(
        deadLetter: .unknownEndpoint, code: "unknown_endpoint", message: "no such endpoint")

    func destination(of notification: Notification) throws(Refusal) -> Destination {
        guard case .webhook(let endpoint, _) = notification.recipient, endpoint != missing else {
            throw Self.unknownEndpoint
        }
        return Destination(name: endpoint, maxInFlight: 16, rate: endpoint == "slow" ? rate : nil)
    }

    func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest {
        onRequest(notification.id)
        guard case .webhook(let endpoint, _) = notification.recipient else {
            throw Refusal(deadLetter: .permanent, code: "bad_recipient", message: "no endpoint")
        }
        guard endpoint != missing else { throw Self.unknownEndpoint }
        do throws(TransferFailure) {
            return .http(
                try HTTPRequest(
                    url: try WebAddress(url(endpoint)),
                    headers: HTTPHeaders([
                        ("x-attempt", String(attempt.number)), ("x-trace", attempt.traceparent ?? "none"),
                    ]),
                    body: Array(notification.id.utf8), timeout: timeout))
        } catch {
            throw Refusal(deadLetter: .permanent, code: "bad_request", message: error.message)
        }
    }

    func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome {
        guard case .http(let response) = result else {
            var meansDown = true
            if case .failed(let failure) = result { meansDown = failure.kind != .descriptors }
            let failure = Failure(class: "transient", code: "failed", message: "failed", meansDown: meansDown)
            return .retry(failure, after: nil)
        }
        let status = response.status
        let failure = Failure(
            class: status == 432 ? "rate_limited" : "test", code: "http_\(status)", message: "HTTP \(status)",
            meansDown: status == 503 || status == 597)
        switch status {
        case 200: return .delivered(Receipt(status: .delivered, code: "http_200", detail: ["size": 7]))
        case 299:
            return .delivered(Receipt(status: .delivered, code: "http_299", detail: ["size": 8], closing: failure))
        case 401: return .stopChannel(failure)
        case 410: return .closeEndpoint(failure)
        case 421: return .suppressed(failure)
        case 429: return .retry(failure, after: .milliseconds(150))
        case 430, 432: return .retry(failure, after: .seconds(1))
        case 500, 503: return .retry(failure, after: nil)
        case 597, 598: return .ambiguous(failure, after: .seconds(1))
        case 599: return .ambiguous(failure)
        default: return .rejected(failure, .permanent)
        }
    }
}
