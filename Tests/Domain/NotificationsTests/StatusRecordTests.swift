import JSONBytes
import Testing
import Time

@testable import Notifications

struct StatusRecordTests {
    @Test func writesEveryField() {
        var record = StatusRecord(
            id: "n1", channel: .sms, status: .retrying, attempt: 2, at: UnixTime(milliseconds: 1_000), isFinal: false,
            eventID: "e1", userID: "u\"1", destination: "twilio", class: "throttled", code: "20429",
            message: "too many", nextAttemptAt: UnixTime(milliseconds: 31_000), durationMilliseconds: 12,
            detail: ["segments": 2, "encoding": "gsm-7"])
        record.detail.set("segments", 3)
        record.detail.set("sid", nil)
        var output = ByteBuffer()
        output.append("x" as StaticString)
        record.write(to: &output)
        #expect(
            String(decoding: output.bytes, as: UTF8.self) == """
                x{"id":"n1","channel":"sms","status":"retrying","attempt":2,"at":"1970-01-01T00:00:01.000Z","final":false,\
                "event_id":"e1","user_id":"u\\"1","destination":"twilio","class":"throttled","code":"20429",\
                "message":"too many","next_attempt_at":"1970-01-01T00:00:31.000Z","duration_ms":12,\
                "detail":{"encoding":"gsm-7","segments":3}}
                """)
    }

    @Test func leavesAbsentFieldsOut() {
        let record = StatusRecord(
            id: nil, channel: .email, status: .suppressed, attempt: 0, at: UnixTime(milliseconds: 0), isFinal: true,
            eventID: "e1")
        var output = ByteBuffer()
        record.write(to: &output)
        #expect(record.key == "e1")
        #expect(
            String(decoding: output.bytes, as: UTF8.self) == """
                {"channel":"email","status":"suppressed","attempt":0,"at":"1970-01-01T00:00:00.000Z","final":true,\
                "event_id":"e1","detail":{}}
                """)
    }
}
