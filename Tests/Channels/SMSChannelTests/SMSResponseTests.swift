import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import SMSChannel

struct SMSResponseTests {
    static let now = UnixTime(milliseconds: 1_795_230_000_000)

    private static func outcome(_ status: Int, _ body: String, _ headers: [(String, String)] = []) -> Outcome {
        let response = HTTPResponse(status: status, headers: headers.map { ($0.0, $0.1) }, body: Array(body.utf8))
        return SMSResponse.outcome(of: .http(response), segments: Segments("hello"), now: now)
    }

    private static func error(_ code: Int, _ status: Int) -> String {
        #"{"code":\#(code),"message":"The number +15551234567 is bad","more_info":"https://x","status":\#(status)}"#
    }

    static let accepted: [(status: Int, body: String, sid: String?)] = [
        (201, #"{"sid":"SM0123abc","status":"queued","error_code":null}"#, "SM0123abc"), (200, #"{"sid":7}"#, nil),
        (201, "", nil), (201, #"{"sid":"a\r\nb"}"#, nil),
    ]

    @Test(arguments: accepted)
    func delivers(status: Int, body: String, sid: String?) {
        var detail: StatusDetail = ["segments": 1, "encoding": "GSM-7"]
        detail.set("provider_id", sid.map { .text($0) })
        #expect(
            Self.outcome(status, body) == .delivered(Receipt(status: .sent, code: "http_\(status)", detail: detail)))
    }

    /// What an outcome comes to, without its texts.
    enum Kind { case rateLimited, transient, permanent, suppressed, stop, ambiguous, down }

    static let codes: [(status: Int, code: Int, kind: Kind, text: String)] = [
        (401, 20003, .stop, ": the credentials are not accepted"), (429, 20429, .rateLimited, ": too many requests"),
        (500, 20500, .down, ": an internal error"), (503, 20503, .down, ": the service is not available"),
        (400, 21211, .permanent, ": the recipient is not a valid phone number"),
        (400, 21212, .permanent, ": the sender is not a valid phone number"),
        (400, 21408, .permanent, ": messages to the recipient's region are not enabled"),
        (400, 21606, .permanent, ": the sender cannot send to the recipient"),
        (400, 21608, .permanent, ": a trial account can send to verified numbers only"),
        (400, 21610, .suppressed, ": the recipient has unsubscribed"),
        (400, 21612, .permanent, ": the recipient cannot be reached from the sender"),
        (400, 21614, .permanent, ": the recipient is not a mobile number"),
        (400, 21617, .permanent, ": the text is too long"), (400, 30001, .transient, ": the provider's queue is full"),
        (400, 30003, .transient, ": the handset cannot be reached"),
        (400, 30004, .permanent, ": the message is blocked"), (400, 30005, .permanent, ": the handset is unknown"),
        (400, 30006, .permanent, ": the number is a landline or cannot be reached"),
        (400, 30007, .permanent, ": the carrier filtered the message"),
        (400, 30008, .transient, ": an unknown error of the carrier"),
        (400, 30017, .transient, ": the carrier's network is congested"),
        (400, 30034, .permanent, ": the sender is not registered for 10DLC"), (400, 21999, .permanent, ""),
        (404, 20404, .permanent, ""), (401, 20008, .stop, ""), (429, 14107, .rateLimited, ""),
        (403, 20003, .stop, ": the credentials are not accepted"),
    ]

    @Test(arguments: codes)
    func classifiesCodes(status: Int, code: Int, kind: Kind, text: String) {
        let expected = Self.outcome(
            kind, code: "twilio_\(code)", message: "the SMS provider answered HTTP \(status), code \(code)\(text)")
        #expect(Self.outcome(status, Self.error(code, status)) == expected)
    }

    static let statuses: [(status: Int, kind: Kind)] = [
        (301, .permanent), (307, .permanent), (400, .permanent), (401, .stop), (403, .permanent), (404, .permanent),
        (408, .transient), (410, .permanent), (413, .permanent), (425, .transient), (429, .rateLimited),
        (500, .down), (501, .down), (502, .down), (503, .down), (504, .down), (599, .down),
    ]

    @Test(arguments: statuses)
    func classifiesStatuses(status: Int, kind: Kind) {
        let expected = Self.outcome(kind, code: "http_\(status)", message: "the answer is HTTP \(status)")
        #expect(Self.outcome(status, "<html>") == expected)
    }

    private static func outcome(_ kind: Kind, code: String, message: String) -> Outcome {
        func failure(_ kind: String, meansDown: Bool = false) -> Failure {
            Failure(class: kind, code: code, message: message, meansDown: meansDown)
        }
        return switch kind {
        case .rateLimited: .retry(failure("rate_limited"), after: nil)
        case .transient: .retry(failure("transient"), after: nil)
        case .permanent: .rejected(failure("permanent"), .permanent)
        case .suppressed: .suppressed(failure("unsubscribed"))
        case .stop: .stopChannel(failure("auth"))
        case .ambiguous: .ambiguous(failure("transient"))
        case .down: .ambiguous(failure("transient", meansDown: true))
        }
    }

    static let waits: [(text: String, wait: Duration)] = [
        ("17", .seconds(17)), ("Sat, 21 Nov 2026 03:00:30 GMT", .seconds(30)), ("86401", .seconds(86_400)),
    ]

    /// What was not processed and what may have been: the answer asks for a rest all the same.
    @Test(arguments: waits)
    func waitsAsLongAsItIsTold(text: String, wait: Duration) {
        let headers = [("retry-after", text)]
        let limited = Failure(class: "rate_limited", code: "http_429", message: "the answer is HTTP 429")
        #expect(Self.outcome(429, "", headers) == .retry(limited, after: wait))
        let down = Failure(class: "transient", code: "http_503", message: "the answer is HTTP 503", meansDown: true)
        #expect(Self.outcome(503, "", headers) == .ambiguous(down, after: wait))
    }

    @Test func aMessageThatFailedAtOnceIsNoSuccess() {
        let failure = Failure(
            class: "unsubscribed", code: "twilio_21610",
            message: "the SMS provider answered HTTP 201, code 21610: the recipient has unsubscribed")
        #expect(Self.outcome(201, #"{"sid":"SM1","error_code":21610}"#) == .suppressed(failure))
    }

    static let failures: [(kind: TransferFailure.Kind, isSent: Bool)] = [
        (.timeout, true), (.timeout, false), (.reset, true), (.connect, false), (.cancelled, true),
    ]

    @Test(arguments: failures)
    func aLostAnswerIsAmbiguous(kind: TransferFailure.Kind, isSent: Bool) {
        let result = TransferResult.failed(TransferFailure(kind, requestSent: isSent, "gone"))
        let outcome = SMSResponse.outcome(of: result, segments: Segments(""), now: Self.now)
        if case .ambiguous = outcome { #expect(isSent) } else { #expect(!isSent) }
    }
}
