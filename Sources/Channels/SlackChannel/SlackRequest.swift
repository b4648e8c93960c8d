internal import ChannelSupport
internal import Delivery
internal import JSONBytes
internal import Notifications
internal import Transfer

/// Turns a notification into a POST to an incoming webhook of Slack: pure.
enum SlackRequest {
    static func request(for notification: Notification, _ config: SlackConfig) throws(Refusal) -> TransferRequest {
        guard case .slack(let text, let blocks) = notification.content else {
            throw Refusal(
                deadLetter: .permanent, code: "wrong_channel", message: "the notification is not a Slack message")
        }
        let endpoint = try endpoint(of: notification, config)
        do throws(TransferFailure) {
            var headers = HTTPHeaders()
            try headers.append(known: "content-type", "application/json")
            headers.append(contentsOf: endpoint.headers)
            return .http(
                HTTPRequest(
                    url: endpoint.url, headers: headers, body: body(text, blocks), timeout: endpoint.timeout))
        } catch {
            throw Refusal(deadLetter: .permanent, code: error.code, message: error.message)
        }
    }

    /// The endpoint that a notification names.
    static func endpoint(of notification: Notification, _ config: SlackConfig) throws(Refusal) -> EndpointTarget {
        guard case .slack(let name) = notification.recipient, let endpoint = config.endpoints[name] else {
            throw Refusal(
                deadLetter: .unknownEndpoint, code: "unknown_endpoint",
                message: "recipient.endpoint is not a Slack endpoint of the configuration")
        }
        return endpoint
    }

    /// `text` is the fallback for notifications and for readers without blocks; `blocks` stay the bytes they are.
    private static func body(_ text: String, _ blocks: [UInt8]?) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("text")
        writer.string(text)
        if let blocks {
            writer.key("blocks")
            blocks.withUnsafeBytes { writer.raw($0) }
        }
        writer.endObject()
        return writer.finish()
    }
}
