internal import ChannelSupport
internal import Delivery
internal import Notifications
internal import Time
internal import Transfer

/// What an answer of Twilio's Messages API means: one table.
///
/// | answer | outcome |
/// |---|---|
/// | 2xx | delivered (`sent`), with the provider's id |
/// | 5xx, and no answer to a request that left | ambiguous: sending is not idempotent |
/// | 429 or code 20429 | again later: it was not processed |
/// | 401 or code 20003 | the channel stops |
/// | code 21610 | suppressed |
/// | a code of ``TwilioCode/table`` | as it says there |
/// | 408, 425 | again later |
/// | anything else | permanent |
///
/// Whatever may be sent again waits for as long as `Retry-After` asks.
enum SMSResponse {
    static func outcome(of result: TransferResult, segments: Segments, now: UnixTime) -> Outcome {
        switch result {
        case .http(let response): outcome(of: response, segments: segments, now: now)
        case .failed(let failure): TransportOutcome.outcome(of: failure)
        case .mail: TransportOutcome.wrongProtocol
        }
    }

    private static func outcome(of response: HTTPResponse, segments: Segments, now: UnixTime) -> Outcome {
        let status = response.status
        let answer = TwilioAnswer(response.body)
        if HTTPOutcome.isSuccess(status), answer.code == nil {
            return .delivered(receipt(status, answer, segments))
        }
        let wait = RetryAfter.floor(of: response, now: now)
        if status >= 500 {
            return .ambiguous(failure(FailureClass.transient, status, answer, meansDown: true), after: wait)
        }
        switch kind(status, answer) {
        case .rateLimited:
            return .retry(failure(FailureClass.rateLimited, status, answer), after: wait)
        case .transient:
            return .retry(failure(FailureClass.transient, status, answer), after: wait)
        case .permanent: return .rejected(failure(FailureClass.permanent, status, answer), .permanent)
        case .unsubscribed: return .suppressed(failure(FailureClass.unsubscribed, status, answer))
        case .auth: return .stopChannel(failure(FailureClass.auth, status, answer))
        }
    }

    /// The code decides where the table knows it, else the status.
    private static func kind(_ status: Int, _ answer: TwilioAnswer) -> TwilioCode.Kind {
        if let meaning = answer.code.flatMap({ TwilioCode.table[$0] }) { return meaning.kind }
        switch status {
        case 401: return .auth
        case 408, 425: return .transient
        case 429: return .rateLimited
        default: return .permanent
        }
    }

    private static func receipt(_ status: Int, _ answer: TwilioAnswer, _ segments: Segments) -> Receipt {
        var detail: StatusDetail = [
            "segments": .integer(segments.count), "encoding": .text(segments.encoding.rawValue),
        ]
        detail.set("provider_id", answer.sid.map { .text($0) })
        return Receipt(status: .sent, code: "http_\(status)", detail: detail)
    }

    /// The provider's own message stays out: it repeats the recipient's number.
    private static func failure(
        _ kind: String, _ status: Int, _ answer: TwilioAnswer, meansDown: Bool = false
    ) -> Failure {
        guard let code = answer.code else {
            return HTTPOutcome.failed(status, kind, meansDown: meansDown)
        }
        let text = TwilioCode.table[code].map { ": \($0.text)" } ?? ""
        return Failure(
            class: kind, code: "twilio_\(code)",
            message: "the SMS provider answered HTTP \(status), code \(code)\(text)", meansDown: meansDown)
    }
}
