import Kafka
import Notifications
import Testing

@testable import DeadLetters

struct DeadLetterTests {
    private static let reason = DeadLetter.Reason(
        class: .malformed, code: "not_json", message: "no JSON (at byte 3)", stage: "decode")

    private static func letter(
        key: [UInt8]? = nil, value: [UInt8]?, headers: [(String, [UInt8])] = [], reason: DeadLetter.Reason = reason
    ) -> DeadLetter {
        var list = RecordHeaders()
        for (name, value) in headers { list.append(name, value) }
        let record = OwnedRecord(
            topic: "order.events", partition: 3, offset: 258, timestamp: 1_700_000_000_001, key: key, value: value,
            headers: list)
        return DeadLetter(of: record, from: RecordOrigin(of: record, group: "core"), because: reason, attempts: 7)
    }

    @Test func keepsTheRecordAndSaysWhyInBothVocabularies() {
        let letter = Self.letter(
            value: [1, 2],
            headers: [
                ("x-tenant", [97]), ("x-dlq-error-class", Array("old".utf8)), ("x-dlq-redrive-count", Array("2".utf8)),
                ("kafka_dlt-exception-cause-fqcn", Array("stale".utf8)), ("x-retry-not-before", [49]),
                ("x-retry-origin", [49]), ("x-dlq-truncated", [49]),
            ])
        #expect(letter.key == nil && letter.value == [1, 2])
        let expected = [
            "x-tenant": "a", "x-dlq-original-topic": "order.events", "x-dlq-original-partition": "3",
            "x-dlq-original-offset": "258", "x-dlq-original-timestamp": "1700000000001", "x-dlq-original-group": "core",
            "x-dlq-error-class": "malformed", "x-dlq-error-code": "not_json",
            "x-dlq-error-message": "no JSON (at byte 3)", "x-dlq-error-stage": "decode", "x-retry-attempt": "7",
            "x-dlq-redrive-count": "2", "kafka_dlt-original-topic": "order.events",
            "kafka_dlt-original-consumer-group": "core", "kafka_dlt-original-timestamp-type": "CreateTime",
            "kafka_dlt-exception-message": "no JSON (at byte 3)",
            "kafka_dlt-exception-fqcn": "notificationhub.Rejection",
            "kafka_dlt-exception-cause-fqcn": "notificationhub.malformed",
        ]
        for (name, value) in expected { #expect(letter.headers.text(name) == value, "\(name)") }
        #expect(letter.headers["kafka_dlt-original-partition"] == [0, 0, 0, 3])
        #expect(letter.headers["kafka_dlt-original-offset"] == [0, 0, 0, 0, 0, 0, 1, 2])
        #expect(letter.headers["kafka_dlt-original-timestamp"]?.count == 8)
        // Replaced, not appended, and nothing else.
        #expect(Set(letter.headers.list.map(\.name)).count == letter.headers.count)
        #expect(letter.headers.count == expected.count + 3)
    }

    /// Nobody retries an event: what it brings under these names is its own, also when it goes back.
    @Test(arguments: ["read", "map"]) func keepsTheRetryHeadersOfAnEvent(_ stage: String) {
        let names = ["x-retry-first-failure", "x-retry-not-before", "x-retry-origin"]
        var reason = Self.reason
        reason.stage = stage
        let letter = Self.letter(
            value: [1], headers: names.map { ($0, [49]) } + [("x-dlq-truncated", [49])], reason: reason)
        #expect(names.allSatisfy { letter.headers[$0] == [49] } && letter.headers["x-dlq-truncated"] == nil)
        let received = ReceivedLetter(
            OwnedRecord(
                topic: "events.dlq", partition: 0, offset: 0, timestamp: 0, key: nil, value: letter.value,
                headers: letter.headers))
        #expect(received.truncatedFrom == nil)
        let back = received.redriveHeaders.list.map { String(decoding: $0.name, as: UTF8.self) }
        #expect(back == names + ["x-dlq-redrive-count"])
    }

    @Test func cutsALargeValueFirst() throws {
        let value = [UInt8](repeating: 7, count: 100_000)
        let whole = Self.letter(key: [1], value: value, headers: [("own", [1])])
        #expect(whole.value == value && whole.headers["x-dlq-truncated"] == nil)
        let cut = try #require(whole.smaller)
        #expect(cut.form == .truncated && cut.value == Array(value.prefix(65_536)) && cut.key == [1])
        #expect(cut.headers.text("x-dlq-truncated") == "100000" && cut.headers["own"] == [1])
        let bare = try #require(cut.smaller)
        #expect(bare.headers.text("x-dlq-truncated") == "100000" && bare.headers["own"] == nil)
        #expect(bare.form == .bare && bare.smaller == nil)
    }

    /// What no topic takes for its key or its headers; the last form is small in any case.
    @Test func dropsForeignHeadersAndTheEndOfTheKeyAtLast() throws {
        let letter = Self.letter(
            key: [UInt8](repeating: 5, count: 70_000), value: [1, 2],
            headers: [("x-large", [UInt8](repeating: 1, count: 3 << 20)), ("x-dlq-redrive-count", [50])])
        let bare = try #require(letter.smaller)
        #expect(bare.key == [UInt8](repeating: 5, count: 1024) && bare.value == [1, 2])
        #expect(bare.headers["x-large"] == nil && bare.headers.text("x-dlq-truncated") == "2")
        #expect(bare.headers.text("x-dlq-redrive-count") == "2" && bare.headers.text("x-dlq-error-code") == "not_json")
        #expect(bare.headers.text("kafka_dlt-original-topic") == "order.events" && bare.headers.count == 21)
    }

    static let long: [(text: String, shortened: String)] = [
        (String(repeating: "x", count: 1_025), String(repeating: "x", count: 1_024)),
        // One character of 1,201 bytes: two for each mark.
        ("e" + String(repeating: "\u{301}", count: 600), "e" + String(repeating: "\u{301}", count: 511)),
        // Three and four bytes, of which the last ones would not fit.
        (String(repeating: "€", count: 400), String(repeating: "€", count: 341)),
        ("x" + String(repeating: "😀", count: 400), "x" + String(repeating: "😀", count: 255)),
    ]

    @Test(arguments: long) func cutsBetweenUnicodeScalars(text: String, shortened: String) {
        let cut = HeaderText.shortened(text)
        // Texts that are equal to Unicode may differ in their bytes.
        #expect(Array(cut.utf8) == Array(shortened.utf8) && cut.utf8.count <= HeaderText.maximumBytes)
    }

    @Test(arguments: ["", "short", String(repeating: "é", count: 512)]) func leavesWhatFits(_ text: String) {
        #expect(HeaderText.shortened(text) == text)
    }

    @Test func cutsAMessageAtACharactersEdge() {
        let long = DeadLetter.Reason(
            class: .exhausted, code: "c", message: String(repeating: "é", count: 800), stage: "deliver")
        let letter = Self.letter(value: nil, reason: long)
        #expect(letter.headers.text("x-dlq-error-message") == String(repeating: "é", count: 512))
        #expect(letter.headers["kafka_dlt-exception-message"] == letter.headers["x-dlq-error-message"])
    }

    static let foreignOrigins = ["", "t", "t/1/2/3", "t/x/2/3/g", "/1/2/3/g", "t/1/99999999999999999999/3/g"]

    @Test(arguments: foreignOrigins) func anotherTextIsNoOrigin(_ text: String) {
        #expect(RecordOrigin(text) == nil)
    }
}
