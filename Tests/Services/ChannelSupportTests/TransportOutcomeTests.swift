import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import ChannelSupport

struct TransportOutcomeTests {
    static let now = UnixTime(milliseconds: 1_795_230_000_000)

    static let waits: [(text: String, wait: Duration?)] = [
        ("0", .zero), ("17", .seconds(17)), ("1.5", .milliseconds(1_500)), ("86400", .seconds(86_400)),
        ("86401", .seconds(86_400)), ("99999999999999999999", .seconds(86_400)), ("-1", nil), ("soon", nil), ("", nil),
        ("nan", nil), ("inf", nil), ("Sat, 21 Nov 2026 03:00:30 GMT", .seconds(30)),
        ("Sat, 21 Nov 2026 02:00:00 GMT", .zero), ("Sat, 21 Nov 2099 02:00:00 GMT", .seconds(86_400)),
    ]

    @Test(arguments: waits)
    func readsRetryAfter(text: String, wait: Duration?) {
        let response = HTTPResponse(status: 503, headers: [("retry-after", text)])
        #expect(RetryAfter.floor(of: response, now: Self.now) == wait)
    }

    @Test func noRetryAfterIsNoWait() {
        #expect(RetryAfter.floor(of: HTTPResponse(status: 503), now: Self.now) == nil)
    }

    /// What an outcome comes to, without its texts.
    enum Kind { case retry, ambiguous, blocked, permanent }

    static let failures: [(kind: TransferFailure.Kind, isSent: Bool, outcome: Kind, class: String, meansDown: Bool)] = [
        (.dns, false, .retry, "transient", true), (.connect, false, .retry, "transient", true),
        (.tls, false, .retry, "transient", true), (.descriptors, false, .retry, "transient", false),
        (.timeout, false, .retry, "timeout", true),
        (.timeout, true, .ambiguous, "timeout", true), (.reset, false, .retry, "transient", true),
        (.reset, true, .ambiguous, "transient", true), (.blocked("127.0.0.1"), false, .blocked, "blocked", false),
        (.badURL, false, .blocked, "blocked", false), (.invalid, false, .permanent, "permanent", false),
        (.unsupported, false, .permanent, "permanent", false), (.cancelled, false, .retry, "transient", false),
        (.cancelled, true, .ambiguous, "transient", false), (.expired, false, .retry, "transient", false),
        (.other, false, .retry, "transient", true),
    ]

    @Test(arguments: failures)
    func classifiesWhatBroughtNoAnswer(
        kind: TransferFailure.Kind, isSent: Bool, outcome: Kind, class: String, meansDown: Bool
    ) {
        let failure = TransferFailure(kind, requestSent: isSent, "why")
        let said = Failure(class: `class`, code: failure.code, message: "why", meansDown: meansDown)
        let expected: Outcome =
            switch outcome {
            case .retry: .retry(said, after: nil)
            case .ambiguous: .ambiguous(said)
            case .blocked: .rejected(said, .blocked)
            case .permanent: .rejected(said, .permanent)
            }
        #expect(TransportOutcome.outcome(of: failure) == expected)
    }
}
