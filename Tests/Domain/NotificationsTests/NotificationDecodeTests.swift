import JSONBytes
import Testing
import Time

@testable import Notifications

struct NotificationDecodeTests {
    @Test func readsEveryFieldOfTheContract() throws {
        let notification = try decode(
            """
            {"id":"3f0c-1_A","channel":"email","event":{"id":"e1","type":"order.created","source":"order.events",
            "time":"2026-11-21T01:00:00Z"},"user_id":"u1","recipient":{"email":"a@example.com","name":"A\\u00e9"},
            "content":{"subject":"S","text":"T","html":"<p>"},"route":"order-created","template":"t","locale":"en",
            "priority":"high","expires_at":"2026-11-21T02:00:00.5Z","metadata":{"a": 1e400}}
            """, .email)
        let start = try #require(UnixTime(rfc3339: "2026-11-21T01:00:00Z"))
        let expected = Notification(
            id: "3f0c-1_A", channel: .email,
            event: .init(id: "e1", type: "order.created", source: "order.events", time: start), userID: "u1",
            recipient: .email(address: "a@example.com", name: "Aé"),
            content: .email(subject: "S", text: "T", html: "<p>"), route: "order-created", template: "t",
            locale: "en", priority: .high, expiresAt: start.adding(.milliseconds(3_600_500)),
            metadata: Array(#"{"a": 1e400}"#.utf8))
        #expect(notification == expected)
    }

    static let accepted: [(ChannelName, String, Notification.Recipient, Notification.Content)] = [
        (
            .email, #""recipient":{"email":"a@b","name":null},"content":{"subject":"","text":""}"#,
            .email(address: "a@b", name: nil), .email(subject: "", text: "", html: nil)
        ),
        (
            .sms, #""recipient":{"phone":"+15551234567"},"content":{"text":"hi"}"#, .sms(phone: "+15551234567"),
            .sms(text: "hi")
        ),
        (
            .webhook, #""recipient":{"endpoint":"o"},"content":{ "a" : [1.50, "\u00e9"], "a":2 }"#,
            .webhook(endpoint: "o", url: nil), .webhook(json: Array(#"{ "a" : [1.50, "\u00e9"], "a":2 }"#.utf8))
        ),
        (
            .webhook, #""recipient":{"endpoint":"o","url":"https://x/"},"content":{}"#,
            .webhook(endpoint: "o", url: "https://x/"), .webhook(json: Array("{}".utf8))
        ),
        (
            .slack, #""recipient":{"endpoint":"s"},"content":{"text":"t","blocks":[ {} ]}"#, .slack(endpoint: "s"),
            .slack(text: "t", blocks: Array("[ {} ]".utf8))
        ),
    ]

    @Test(arguments: accepted)
    func readsEachChannel(
        channel: ChannelName, fields: String, recipient: Notification.Recipient, content: Notification.Content
    ) throws {
        let notification = try decode(Self.record(channel.rawValue, fields), channel)
        #expect(notification.recipient == recipient)
        #expect(notification.content == content)
        #expect(notification.priority == .normal)
    }

    static let sms = #""recipient":{"phone":"+15551234567"},"content":{"text":"hi"}"#
    static let refused: [(value: String, code: String, message: String)] = [
        ("", "empty", "the value is not JSON: the text is empty (at byte 0)"),
        ("hello", "not_json", "the value is not JSON: a byte that JSON does not allow here (at byte 0)"),
        (#"{"id":"1"}x"#, "not_json", "the value is not JSON: bytes behind the value (at byte 10)"),
        ("[]", "wrong_type", "the value is not a JSON object"),
        ("{}", "missing_field", "channel is missing"),
        (record("email", sms), "wrong_channel", "the notification is for the channel email, not for sms"),
        (record("Secret", sms), "wrong_channel", "the notification is for another channel, not for sms"),
        (record("sms", sms, id: #""""#), "bad_value", "id is empty"),
        (record("sms", sms, id: #""a\r\nb""#), "bad_value", badID),
        (record("sms", sms, id: "\"\(String(repeating: "a", count: 129))\""), "bad_value", badID),
        (record("sms", sms, id: "17"), "wrong_type", "id is not a string"),
        (record("sms", sms, event: "null"), "missing_field", "event is missing"),
        (record("sms", sms, event: "[]"), "wrong_type", "event is not an object"),
        (record("sms", sms, event: #"{"id":"e","type":"t"}"#), "missing_field", "event.source is missing"),
        (
            record("sms", sms, event: #"{"id":"e","type":"t","source":"s","time":"today"}"#), "bad_value",
            "event.time is not an RFC 3339 time"
        ),
        (record("sms", #""content":{"text":"hi"}"#), "missing_field", "recipient is missing"),
        (record("sms", #""recipient":{},"content":{"text":"hi"}"#), "missing_field", "recipient.phone is missing"),
        (record("sms", #""recipient":["+1"],"content":{"text":"hi"}"#), "wrong_type", "recipient is not an object"),
        (record("sms", #""recipient":{"phone":"+1"},"content":{"text":""}"#), "bad_value", "content.text is empty"),
        (record("sms", sms + #","priority":"urgent""#), "bad_value", badPriority),
        (record("sms", sms + #","priority":4"#), "bad_value", badPriority),
        (record("sms", sms + #","priority":true"#), "wrong_type", "priority is not a string"),
        (record("sms", sms + #","expires_at":17"#), "wrong_type", "expires_at is not a string"),
        (record("sms", sms + #","expires_at":"soon""#), "bad_value", "expires_at is not an RFC 3339 time"),
        (record("sms", sms + #","metadata":"x""#), "wrong_type", "metadata is not an object"),
        (record("sms", sms + #","user_id":{"a":1}"#), "wrong_type", "user_id is not a string"),
        (
            record("sms", sms + ",\"metadata\":{\"a\":\(String(repeating: "[", count: 200))"), "too_deep",
            "the value is not JSON: arrays and objects are nested too deeply (at byte 278)"
        ),
    ]
    static let badID = "id is not 1 to 128 letters, digits, hyphens and underscores"
    static let badPriority = "priority is not one of low, normal, high, critical"

    @Test(arguments: refused)
    func refusesWithAReason(value: String, code: String, message: String) throws {
        let fault = #expect(throws: NotificationFault.self) { try decode(value, .sms) }
        #expect(fault == NotificationFault(code: code, message: message))
    }

    @Test func refusesInvalidUTF8() {
        let bytes = Array(#"{"id":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        let fault = #expect(throws: NotificationFault.self) {
            try bytes.withUnsafeBytes { try Notification.decode($0, channel: .sms) }
        }
        #expect(fault?.code == "invalid_utf8")
    }

    @Test func refusesWhatIsTooLarge() {
        let bytes = [UInt8](repeating: 0x20, count: Notification.maximumBytes + 1)
        let fault = #expect(throws: NotificationFault.self) {
            try bytes.withUnsafeBytes { try Notification.decode($0, channel: .sms) }
        }
        #expect(fault?.deadLetterClass == .tooLarge)
        #expect(fault?.message == "the notification has 2097153 bytes, more than 2097152")
    }

    static func record(
        _ channel: String, _ fields: String, id: String = #""n-1""#,
        event: String = #"{"id":"e","type":"t","source":"s"}"#
    ) -> String {
        #"{"id":\#(id),"channel":"\#(channel)","event":\#(event),\#(fields)}"#
    }
}

/// Decodes a text as a record's value.
private func decode(_ text: String, _ channel: ChannelName) throws -> Notification {
    try Array(text.utf8).withUnsafeBytes { try Notification.decode($0, channel: channel) }
}
