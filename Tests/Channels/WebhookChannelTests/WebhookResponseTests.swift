import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import WebhookChannel

struct WebhookResponseTests {
    static let now = UnixTime(milliseconds: 1_795_230_000_000)

    private static func outcome(
        _ status: Int, _ headers: [(String, String)] = [], overrides: StatusOverrides = StatusOverrides(),
        isEventURL: Bool = false
    ) -> Outcome {
        let response = HTTPResponse(status: status, headers: headers.map { ($0.0, $0.1) })
        return WebhookResponse.outcome(
            of: .http(response), overrides: overrides, isEventURL: isEventURL, now: now)
    }

    private static func failure(_ status: Int, _ kind: String, meansDown: Bool = false) -> Failure {
        Failure(class: kind, code: "http_\(status)", message: "the answer is HTTP \(status)", meansDown: meansDown)
    }

    static let delivered: [Int] = [200, 201, 202, 204, 299]

    @Test(arguments: delivered)
    func delivers(status: Int) {
        #expect(Self.outcome(status) == .delivered(Receipt(status: .delivered, code: "http_\(status)")))
    }

    static let permanent: [Int] = [100, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 413, 422, 451]

    @Test(arguments: permanent)
    func rejects(status: Int) {
        #expect(Self.outcome(status) == .rejected(Self.failure(status, "permanent"), .permanent))
    }

    static let retried: [(status: Int, class: String, meansDown: Bool)] = [
        (408, "transient", false), (425, "transient", false), (429, "rate_limited", false), (500, "transient", true),
        (501, "transient", true), (502, "transient", true), (503, "transient", true), (504, "transient", true),
        (599, "transient", true),
    ]

    @Test(arguments: retried)
    func retries(status: Int, class: String, meansDown: Bool) {
        let failure = Self.failure(status, `class`, meansDown: meansDown)
        #expect(Self.outcome(status) == .retry(failure, after: nil))
        #expect(Self.outcome(status, [("retry-after", "7")]) == .retry(failure, after: .seconds(7)))
        #expect(
            Self.outcome(status, [("retry-after", "Sat, 21 Nov 2026 03:00:30 GMT")])
                == .retry(failure, after: .seconds(30)))
    }

    @Test func goneClosesTheEndpoint() {
        #expect(Self.outcome(410) == .closeEndpoint(Self.failure(410, "endpoint_closed")))
    }

    @Test(arguments: [200, 204, 400, 503])
    func theEndpointCanCloseItself(status: Int) {
        let failure = Failure(
            class: "endpoint_closed", code: "webhook_delivery_disable",
            message: "the endpoint answered HTTP \(status) with webhook-delivery: disable")
        let wish = [("webhook-delivery", "Disable")]
        let code = "http_\(status)"
        // What it took is delivered all the same.
        let isTaken = status < 300
        let expected: Outcome =
            isTaken
            ? .delivered(Receipt(status: .delivered, code: code, closing: failure)) : .closeEndpoint(failure)
        #expect(Self.outcome(status, wish) == expected)
        let own: Outcome =
            isTaken ? .delivered(Receipt(status: .delivered, code: code)) : .rejected(failure, .permanent)
        #expect(Self.outcome(status, wish, isEventURL: true) == own)
    }

    @Test func anEventsOwnURLClosesNothing() {
        #expect(Self.outcome(410, isEventURL: true) == .rejected(Self.failure(410, "endpoint_closed"), .permanent))
        #expect(Self.outcome(503, isEventURL: true) == Self.outcome(503))
        let limited = Outcome.retry(Self.failure(429, "transient"), after: .seconds(7))
        #expect(Self.outcome(429, [("retry-after", "7")], isEventURL: true) == limited)
    }

    @Test func theEndpointCanAbortOneMessage() {
        let failure = Failure(
            class: "permanent", code: "webhook_delivery_abort",
            message: "the endpoint answered HTTP 503 with webhook-delivery: abort-message")
        #expect(Self.outcome(503, [("webhook-delivery", "abort-message")]) == .rejected(failure, .permanent))
        #expect(
            Self.outcome(200, [("webhook-delivery", "abort-message")])
                == .delivered(Receipt(status: .delivered, code: "http_200")))
    }

    @Test func theEndpointsOwnTableComesFirst() {
        let overrides = StatusOverrides(retry: [404, 410], permanent: [500])
        #expect(Self.outcome(404, overrides: overrides) == .retry(Self.failure(404, "transient"), after: nil))
        #expect(
            Self.outcome(410, [("retry-after", "3")], overrides: overrides)
                == .retry(Self.failure(410, "transient"), after: .seconds(3)))
        #expect(Self.outcome(500, overrides: overrides) == .rejected(Self.failure(500, "permanent"), .permanent))
        #expect(Self.outcome(400, overrides: overrides) == .rejected(Self.failure(400, "permanent"), .permanent))
    }

    /// Naming what is tried again anyway takes nothing from it: neither the circuit its evidence nor a 429 its hold.
    @Test(arguments: retried)
    func aRetryThatTheEndpointNamesStaysWhatItIs(status: Int, class: String, meansDown: Bool) {
        let overrides = StatusOverrides(retry: [status])
        let failure = Self.failure(status, `class`, meansDown: meansDown)
        let wait = [("retry-after", "7")]
        #expect(Self.outcome(status, wait, overrides: overrides) == .retry(failure, after: .seconds(7)))
    }

    /// What the endpoint calls permanent is about that message: nobody is held back for it, and nothing closes.
    @Test(arguments: [410, 429, 503])
    func whatTheEndpointCallsPermanentEndsOnlyThatMessage(status: Int) {
        let overrides = StatusOverrides(permanent: [status])
        let expected = Outcome.rejected(Self.failure(status, "permanent"), .permanent)
        #expect(Self.outcome(status, [("retry-after", "7")], overrides: overrides) == expected)
    }

    @Test func whatIsBlockedIsDead() {
        let result = TransferResult.failed(TransferFailure(.blocked("10.0.0.1"), "the address is not public"))
        let failure = Failure(class: "blocked", code: "blocked", message: "the address is not public")
        #expect(
            WebhookResponse.outcome(of: result, overrides: StatusOverrides(), now: Self.now)
                == .rejected(failure, .blocked))
    }
}
