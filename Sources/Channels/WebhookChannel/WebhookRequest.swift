internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Time
internal import Tracing
internal import Transfer

/// Turns a notification into a signed POST after Standard Webhooks 1.0.0: pure.
enum WebhookRequest {
    /// Bytes of our own headers with one signature, about.
    private static let usualHeaders = 320

    static func request(
        for notification: Notification, attempt: Attempt, _ config: WebhookConfig
    ) throws(Refusal) -> TransferRequest {
        guard case .webhook(let json) = notification.content else {
            throw Refusal(deadLetter: .permanent, code: "wrong_channel", message: "the notification is not a webhook")
        }
        let endpoint = try endpoint(of: notification, config)
        let url = try url(of: notification, endpoint, config)
        do throws(TransferFailure) {
            return .http(
                HTTPRequest(
                    url: url, headers: try headers(of: notification, attempt, endpoint, json), body: json,
                    timeout: endpoint.target.timeout))
        } catch {
            throw Refusal(deadLetter: .permanent, code: error.code, message: error.message)
        }
    }

    private static func headers(
        of notification: Notification, _ attempt: Attempt, _ endpoint: WebhookEndpoint, _ json: [UInt8]
    ) throws(TransferFailure) -> HTTPHeaders {
        let timestamp = String(attempt.at.seconds)
        var headers = HTTPHeaders(capacity: usualHeaders + endpoint.target.headers.size)
        try headers.append(known: "content-type", "application/json")
        try headers.append(known: "webhook-id", notification.id)
        try headers.append(known: "webhook-timestamp", timestamp)
        let signature = Signature.header(
            id: notification.id, timestamp: timestamp, body: json, secrets: endpoint.secrets)
        try headers.append(known: "webhook-signature", signature)
        try appendTrace(of: attempt, to: &headers)
        headers.append(contentsOf: endpoint.target.headers)
        return headers
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
    private static func appendTrace(of attempt: Attempt, to headers: inout HTTPHeaders) throws(TransferFailure) {
        guard let traceparent = attempt.traceparent.flatMap(Traceparent.handedOn) else { return }
        try headers.append(known: "traceparent", traceparent)
        guard let tracestate = attempt.tracestate,
            let handedOn = Tracestate.handedOn(Array(tracestate.utf8))
        else { return }
        try headers.append(known: "tracestate", handedOn)
    }
}
