internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Time
internal import Tracing
internal import Transfer

/// Turns a notification into a signed POST after Standard Webhooks 1.0.0: pure.
enum WebhookRequest {
    static func request(
        for notification: Notification, attempt: Attempt, _ config: WebhookConfig
    ) throws(Refusal) -> TransferRequest {
        guard case .webhook(let json) = notification.content else {
            throw Refusal(deadLetter: .permanent, code: "wrong_channel", message: "the notification is not a webhook")
        }
        let endpoint = try endpoint(of: notification, config)
        let url = try url(of: notification, endpoint, config)
        let timestamp = String(attempt.at.seconds)
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(6 + endpoint.target.headers.count)
        headers.append(("content-type", "application/json"))
        headers.append(("webhook-id", notification.id))
        headers.append(("webhook-timestamp", timestamp))
        let signature = Signature.header(
            id: notification.id, timestamp: timestamp, body: json, secrets: endpoint.secrets)
        headers.append(("webhook-signature", signature))
        appendTrace(of: attempt, to: &headers)
        headers.append(contentsOf: endpoint.target.headers)
        do throws(TransferFailure) {
            return .http(try HTTPRequest(url: url, headers: headers, body: json, timeout: endpoint.target.timeout))
        } catch {
            throw Refusal(deadLetter: .permanent, code: error.code, message: error.message)
        }
    }

    /// The endpoint that a notification names.
    static func endpoint(
        of notification: Notification, _ config: WebhookConfig
    ) throws(Refusal) -> WebhookEndpoint {
        guard case .webhook(let name, _) = notification.recipient, let endpoint = config.endpoints[name] else {
            throw Refusal(
                deadLetter: .unknownEndpoint, code: "unknown_endpoint",
                message: "recipient.endpoint is not a webhook endpoint of the configuration")
        }
        return endpoint
    }

    /// Whether the event carried the URL.
    static func hasOwnURL(_ notification: Notification) -> Bool {
        if case .webhook(_, .some) = notification.recipient { return true }
        return false
    }

    /// The endpoint's URL, or the event's own where the configuration allows it.
    private static func url(
        of notification: Notification, _ endpoint: WebhookEndpoint, _ config: WebhookConfig
    ) throws(Refusal) -> WebAddress {
        guard case .webhook(_, let text?) = notification.recipient else { return endpoint.target.url }
        guard config.allowsEventURLs else {
            throw Refusal(
                deadLetter: .blocked, code: "event_url",
                message: "the event carries a URL, and urls_from_events is not set")
        }
        do throws(TransferFailure) {
            return try WebAddress(text)
        } catch {
            throw Refusal(deadLetter: .blocked, code: error.code, message: error.message)
        }
    }

    /// Adds the headers of W3C Trace Context; none where the `traceparent` is none.
    private static func appendTrace(of attempt: Attempt, to headers: inout [(name: String, value: String)]) {
        guard let traceparent = attempt.traceparent.flatMap(Traceparent.handedOn) else { return }
        headers.append(("traceparent", traceparent))
        guard let tracestate = attempt.tracestate,
            let handedOn = Tracestate.handedOn(Array(tracestate.utf8))
        else { return }
        headers.append(("tracestate", handedOn))
    }
}
