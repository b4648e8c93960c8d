import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import SlackChannel

struct SlackResponseTests {
    /// What an outcome comes to, without its texts.
    enum Kind: Equatable { case delivered, rateLimited, transient, down, permanent, closed }

    private static func outcome(_ status: Int, _ body: String, _ headers: [(String, String)] = []) -> Outcome {
        let response = HTTPResponse(status: status, headers: headers.map { ($0.0, $0.1) }, body: Array(body.utf8))
        return SlackResponse.outcome(of: .http(response), now: UnixTime(milliseconds: 0))
    }

    static let answers: [(status: Int, body: String, kind: Kind, word: String?)] = [
        (200, "ok", .delivered, nil), (200, "ok\n", .delivered, nil),
        (200, #"{"ok":true,"ts":"1.2"}"#, .delivered, nil),
        (200, #"{"ok":false,"error":"ratelimited"}"#, .rateLimited, "ratelimited"),
        (200, #"{"ok":false,"error":"internal_error"}"#, .transient, "internal_error"),
        (200, #"{"ok":false,"error":"fatal_error"}"#, .transient, "fatal_error"),
        (200, #"{"ok":false,"error":"service_unavailable"}"#, .transient, "service_unavailable"),
        (200, #"{"ok":false,"error":"invalid_auth"}"#, .permanent, "invalid_auth"),
        (200, #"{"ok":false,"error":"account_inactive"}"#, .permanent, "account_inactive"),
        (200, #"{"ok":false,"error":"token_revoked"}"#, .permanent, "token_revoked"),
        (200, #"{"ok":false,"error":"channel_not_found"}"#, .permanent, "channel_not_found"),
        (200, #"{"ok":false,"error":"not_in_channel"}"#, .permanent, "not_in_channel"),
        (200, #"{"ok":false,"error":"is_archived"}"#, .permanent, "is_archived"),
        (200, #"{"ok":false,"error":"invalid_blocks"}"#, .permanent, "invalid_blocks"),
        (200, #"{"ok":false,"error":"msg_too_long"}"#, .permanent, "msg_too_long"),
        (400, "invalid_payload", .permanent, "invalid_payload"), (400, "no_text\n", .permanent, "no_text"),
        (400, "invalid_payload: bad", .permanent, "invalid_payload"), (404, "no_service", .permanent, "no_service"),
        (403, "action_prohibited", .permanent, "action_prohibited"), (404, "<html>", .permanent, nil),
        (410, "channel_is_archived", .closed, "channel_is_archived"), (410, "", .closed, nil),
        (429, "rate_limited", .rateLimited, "rate_limited"), (429, "", .rateLimited, nil),
        (500, "rollup_error", .down, "rollup_error"), (500, "", .down, nil),
        (500, "invalid_payload", .down, "invalid_payload"), (503, "", .down, nil),
        (400, "rollup_error", .transient, "rollup_error"), (302, "", .permanent, nil),
        (400, "Invalid Payload", .permanent, nil),
    ]

    @Test(arguments: answers)
    func classifies(status: Int, body: String, kind: Kind, word: String?) {
        func failure(_ kind: String, meansDown: Bool = false) -> Failure {
            Failure(
                class: kind, code: word.map { "slack_\($0)" } ?? "http_\(status)",
                message: word.map { "Slack answered HTTP \(status) with \($0)" } ?? "the answer is HTTP \(status)",
                meansDown: meansDown)
        }
        let expected: Outcome =
            switch kind {
            case .delivered: .delivered(Receipt(status: .delivered, code: "http_200"))
            case .rateLimited: .retry(failure("rate_limited"), after: .seconds(5))
            case .transient: .retry(failure("transient"), after: .seconds(5))
            case .down: .retry(failure("transient", meansDown: true), after: .seconds(5))
            case .permanent: .rejected(failure("permanent"), .permanent)
            case .closed: .closeEndpoint(failure("endpoint_closed"))
            }
        #expect(Self.outcome(status, body, [("retry-after", "5")]) == expected)
    }

    static let strange: [(status: Int, body: String)] = [
        (200, ""), (200, "<html>ok</html>"), (200, "OK"), (200, #"{"ok":1}"#), (200, #"{"ok":false}"#),
        (201, "ok"), (204, ""),
    ]

    @Test(arguments: strange)
    func onlySlacksOwnOkIsSuccess(status: Int, body: String) {
        let failure = Failure(
            class: "permanent", code: "unexpected_body",
            message: "the answer is HTTP \(status), but not Slack's 200 with ok")
        #expect(Self.outcome(status, body) == .rejected(failure, .permanent))
    }
}
