import Events
import JSONBytes
import TestKit
import Testing
import Time

/// An event's texts as strings, to compare with.
struct Seen: Equatable {
    var id = "order.events-3-42"
    var type = "t"
    var source = "order.events"
    var subject: String?
    var time = "2023-11-14T22:13:20.123Z"
    var userID: String?
    var data: String?

    init(_ event: Event) {
        func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        (id, type, source, time) = (text(event.id), text(event.type), text(event.source), text(event.time))
        (subject, userID) = (event.subject.map(text), event.userID.map(text))
        data = text(event.data.json)
    }

    init(_ change: (inout Seen) -> Void) { change(&self) }
}

struct EventReaderTests {
    static func read(_ fixture: RecordFixture, with reader: EventReader = EventReader()) throws(Rejection) -> Seen {
        try fixture.withRecord { (record) throws(Rejection) in
            let seen = Seen(try reader.read(record))
            withExtendedLifetime(reader) {}
            return seen
        }
    }

    struct Case: Sendable {
        let json: String
        var headers: [(String, String)] = []
        let expected: Seen
    }

    static let structured = [("content-type", "application/cloudevents+json; charset=utf-8")]
    static let binary = [("ce_specversion", "1.0"), ("ce_type", "t"), ("ce_id", "i"), ("ce_source", "/shop")]

    static let good: [Case] = [
        Case(json: #"{"event_type":"t"}"#, expected: Seen { $0.data = #"{"event_type":"t"}"# }),
        Case(
            json: #" {"event_id":"e1","event_type":"t","user_id":"u","timestamp":"2026-11-21T03:00:00+02:00"} "#,
            expected: Seen {
                ($0.id, $0.userID, $0.time) = ("e1", "u", "2026-11-21T03:00:00+02:00")
                $0.data = #"{"event_id":"e1","event_type":"t","user_id":"u","timestamp":"2026-11-21T03:00:00+02:00"}"#
            }),
        // Numbers keep their text, of doubled keys the last counts, escapes are read, a bad time is none.
        Case(
            json:
                #"{"event_id":1e400,"event_type":"x","event\u005ftype":"\u0074","user_id":90071992547409931,"timestamp":17}"#,
            expected: Seen {
                ($0.id, $0.userID) = ("1e400", "90071992547409931")
                $0.data =
                    #"{"event_id":1e400,"event_type":"x","event\u005ftype":"\u0074","user_id":90071992547409931,"timestamp":17}"#
            }),
        Case(
            json: #"{"event_type":"t","event_id":"","user_id":null,"timestamp":"yesterday"}"#,
            expected: Seen { $0.data = #"{"event_type":"t","event_id":"","user_id":null,"timestamp":"yesterday"}"# }),
        Case(
            json: #"{"a":1}"#, headers: binary + [("ce_subject", "u9"), ("ce_time", "2026-01-01T00:00:00Z")],
            expected: Seen {
                ($0.id, $0.source, $0.subject, $0.userID) = ("i", "/shop", "u9", "u9")
                ($0.time, $0.data) = ("2026-01-01T00:00:00Z", #"{"a":1}"#)
            }),
        Case(
            json: #"[1]"#, headers: [("CE-Type", "t"), ("ce-id", ""), ("content-type", "application/json")],
            expected: Seen { $0.data = "[1]" }),
        Case(
            json: #"{"user_id":7}"#, headers: binary + [("ce_subject", "u9"), ("ce_id", "i2")],
            expected: Seen {
                ($0.id, $0.source, $0.subject, $0.userID) = ("i2", "/shop", "u9", "7")
                $0.data = #"{"user_id":7}"#
            }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":5,"source":"s","subject":"u","data":{"k":[1, 2]}}"#,
            headers: structured,
            expected: Seen {
                ($0.id, $0.source, $0.subject, $0.userID) = ("5", "s", "u", "u")
                $0.data = #"{"k":[1, 2]}"#
            }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data_base64":"eyJ1c2VyX2lkIjoiYVwvYiJ9"}"#,
            headers: [("Content-Type", "Application/CloudEvents")],
            expected: Seen {
                ($0.id, $0.source, $0.userID, $0.data) = ("i", "s", "a/b", #"{"user_id":"a\/b"}"#)
            }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data":"x","datacontenttype":"a/b+json"}"#,
            headers: structured, expected: Seen { ($0.id, $0.source, $0.data) = ("i", "s", #""x""#) }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data":{"k":1},"data_base64":null}"#,
            headers: structured, expected: Seen { ($0.id, $0.source, $0.data) = ("i", "s", #"{"k":1}"#) }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data":null,"data_base64":"MQ=="}"#,
            headers: structured, expected: Seen { ($0.id, $0.source, $0.data) = ("i", "s", "1") }),
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data":null}"#,
            headers: structured, expected: Seen { ($0.id, $0.source, $0.data) = ("i", "s", "null") }),
        // What the Python SDK calls structured comes without the content type.
        Case(
            json: #"{"specversion":"1.0","type":"t","id":"i","source":"s","data":{"user_id":"u"}}"#, headers: [],
            expected: Seen {
                ($0.id, $0.source, $0.userID, $0.data) = ("i", "s", "u", #"{"user_id":"u"}"#)
            }),
        // A stray attribute does not make a CloudEvent of a plain event.
        Case(
            json: #"{"event_type":"t"}"#, headers: [("ce_id", "x"), ("traceparent", "00-")],
            expected: Seen { $0.data = #"{"event_type":"t"}"# }),
    ]

    @Test func readsEveryForm() throws {
        let reader = EventReader()
        for row in Self.good {
            let fixture = RecordFixture(json: row.json, headers: row.headers)
            #expect(try Self.read(fixture, with: reader) == row.expected)
        }
    }

    static let deep = String(repeating: "[", count: 127) + String(repeating: "]", count: 127)

    struct Bad: Sendable {
        var json: String?
        var headers: [(String, String)] = []
        var `class` = Rejection.Class.malformed
        let code: String
        let message: String
    }

    static let bad: [Bad] = [
        Bad(json: nil, code: "tombstone", message: "the record has no value (a tombstone)"),
        Bad(json: nil, headers: binary, code: "tombstone", message: "the record has no value (a tombstone)"),
        Bad(json: "", code: "empty", message: "the record's value is empty"),
        Bad(
            json: "hello", code: "not_json",
            message: "the record's value is not JSON: a byte that JSON does not allow here (at byte 0)"),
        Bad(
            json: #"{"a":"# + deep + "[]}", code: "not_json",
            message: "the record's value is not JSON: a byte that JSON does not allow here (at byte 259)"),
        Bad(
            json: #"{"a":["# + deep + "]}", code: "too_deep",
            message: "the record's value is nested more than 128 levels deep"),
        Bad(json: "[]", code: "not_an_object", message: "the event is an array, not an object"),
        Bad(json: "{}", class: .noType, code: "no_type", message: "the event has no event_type"),
        Bad(
            json: #"{"event_type":""}"#, class: .noType, code: "no_type", message: "the event has no event_type"),
        Bad(
            json: #"{"event_type":null}"#, class: .noType, code: "no_type", message: "the event has no event_type"),
        Bad(json: #"{"event_type":5}"#, code: "wrong_type", message: "event_type is a number, not a string"),
        Bad(
            json: #"{"event_type":"t","event_id":{}}"#, code: "wrong_type",
            message: "event_id is an object, not a string"),
        Bad(
            json: #"{"event_type":"t","user_id":true}"#, code: "wrong_type",
            message: "user_id is a boolean, not a string"),
        Bad(
            json: String(repeating: " ", count: 1_024) + "{}", class: .tooLarge, code: "too_large",
            message: "the record's value has 1026 bytes, more than 1024"),
        Bad(
            json: "{}", headers: [("ce_specversion", "1.0")], class: .noType, code: "no_type",
            message: "the event has no ce_type"),
        Bad(
            json: "{}", headers: [("ce_specversion", "0.3"), ("ce_type", "t")], code: "unsupported_specversion",
            message: "the CloudEvent's specversion is not 1.0"),
        Bad(
            json: "<a/>", headers: binary, code: "not_json",
            message: "the record's value is not JSON: a byte that JSON does not allow here (at byte 0)"),
        Bad(
            json: "[{}]", headers: [("content-type", "application/cloudevents-batch+json")],
            code: "unsupported_content_type",
            message: "the content-type announces CloudEvents in a form that is not read here"),
        Bad(
            json: "5", headers: structured, code: "not_an_object", message: "the CloudEvent is a number, not an object"),
        Bad(
            json: #"{"data":{}}"#, headers: structured, class: .noType, code: "no_type",
            message: "the event has no type"),
        Bad(
            json: #"{"type":[],"data":{}}"#, headers: structured, code: "wrong_type",
            message: "type is an array, not a string"),
        Bad(
            json: #"{"type":"t"}"#, headers: structured, code: "no_data",
            message: "the CloudEvent has neither data nor data_base64"),
        Bad(
            json: #"{"type":"t","data_base64":null}"#, headers: structured, code: "no_data",
            message: "the CloudEvent has neither data nor data_base64"),
        Bad(
            json: #"{"type":"t","data":1,"data_base64":"MQ=="}"#, headers: structured, code: "two_data",
            message: "the CloudEvent has both data and data_base64"),
        Bad(
            json: #"{"type":"t","data_base64":"M"}"#, headers: structured, code: "bad_base64",
            message: "data_base64 is not base64"),
        Bad(
            json: #"{"type":"t","data_base64":"PGEvPg=="}"#, headers: structured, code: "not_json",
            message: "data_base64 is not JSON: a byte that JSON does not allow here (at byte 0)"),
        Bad(
            json: #"{"type":"t","data":"<a/>","datacontenttype":"text/xml"}"#, headers: structured, code: "not_json",
            message: "the CloudEvent's data is not JSON: datacontenttype says otherwise"),
    ]

    @Test func rejectsWhatIsNoEvent() {
        let reader = EventReader(maximumBytes: 1_024)
        for row in Self.bad {
            let fixture = RecordFixture(
                value: row.json.map { Array($0.utf8) }, headers: row.headers.map { ($0.0, Array($0.1.utf8)) })
            let expected = Rejection(row.class, code: row.code, message: row.message, stage: .read)
            #expect(throws: expected) { try Self.read(fixture, with: reader) }
        }
    }

    @Test func rejectsInvalidUTF8() {
        let inString = RecordFixture(value: Array(#"{"event_type":"t","a":""#.utf8) + [0xFF, 0x22, 0x7D])
        #expect(throws: Rejection.self) { try Self.read(inString) }
        let inHeader = RecordFixture(value: Array("{}".utf8), headers: [("ce_type", [0xC0]), ("ce_id", nil)])
        let expected = Rejection(.malformed, code: "invalid_utf8", message: "ce_type is not UTF-8", stage: .read)
        #expect(throws: expected) { try Self.read(inHeader) }
    }

    @Test func acceptsTheLimits() throws {
        let json = #"{"event_type":"t","a":"# + Self.deep + "}"
        let padded = json + String(repeating: " ", count: 1 << 20 - json.utf8.count)
        let seen = try Self.read(RecordFixture(json: padded), with: EventReader(maximumBytes: padded.utf8.count))
        #expect(seen.data == json)
    }

    @Test func aRecordWithoutTimestampStillHasATime() throws {
        let fixture = RecordFixture(timestamp: -1, value: Array(#"{"event_type":"t"}"#.utf8))
        #expect(try Self.read(fixture).time == "1970-01-01T00:00:00.000Z")
    }
}
