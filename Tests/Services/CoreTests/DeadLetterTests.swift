import Core
import Events
import Kafka
import Testing

struct DeadLetterTests {
    private static let rejection = Rejection(.malformed, code: "not_json", message: "no JSON (at byte 3)", stage: .read)

    @Test func keepsTheRecordAndSaysWhyInBothVocabularies() {
        var headers = RecordHeaders()
        headers.append("x-tenant", "a")
        headers.append("x-dlq-error-class", "old")
        headers.append("x-dlq-redrive-count", "2")
        let record = OwnedRecord(
            topic: "order.events", partition: 3, offset: 258, timestamp: 1_700_000_000_001, key: nil, value: [1, 2],
            headers: headers)
        let letter = DeadLetter(of: record, because: Self.rejection, group: "core", form: .whole)
        #expect(letter.key == nil && letter.value == [1, 2])
        let expected = [
            "x-tenant": "a", "x-dlq-original-topic": "order.events", "x-dlq-original-partition": "3",
            "x-dlq-original-offset": "258", "x-dlq-original-timestamp": "1700000000001", "x-dlq-original-group": "core",
            "x-dlq-error-class": "malformed", "x-dlq-error-code": "not_json",
            "x-dlq-error-message": "no JSON (at byte 3)", "x-dlq-error-stage": "read", "x-retry-attempt": "0",
            "x-dlq-redrive-count": "2", "kafka_dlt-original-topic": "order.events",
            "kafka_dlt-original-consumer-group": "core", "kafka_dlt-original-timestamp-type": "CreateTime",
            "kafka_dlt-exception-message": "no JSON (at byte 3)",
        ]
        for (name, value) in expected { #expect(letter.headers.text(name) == value, "\(name)") }
        #expect(letter.headers["kafka_dlt-original-partition"] == [0, 0, 0, 3])
        #expect(letter.headers["kafka_dlt-original-offset"] == [0, 0, 0, 0, 0, 0, 1, 2])
        #expect(letter.headers["kafka_dlt-original-timestamp"]?.count == 8)
        // Replaced, not appended.
        #expect(Set(letter.headers.list.map(\.name)).count == letter.headers.count)
    }

    @Test func cutsWhatIsTooLarge() {
        let value = [UInt8](repeating: 7, count: 100_000)
        let record = OwnedRecord(topic: "t", partition: 0, offset: 0, timestamp: 0, key: [1], value: value)
        let long = Rejection(.tooLarge, code: "c", message: String(repeating: "é", count: 1000), stage: .map)
        let cut = DeadLetter(of: record, because: long, group: "g", form: .truncated)
        #expect(cut.value == Array(value.prefix(65_536)) && cut.headers.text("x-dlq-truncated") == "100000")
        #expect(cut.headers.text("x-dlq-error-message") == String(repeating: "é", count: 512))
        let whole = DeadLetter(of: record, because: long, group: "g", form: .whole)
        #expect(whole.value == value && whole.headers["x-dlq-truncated"] == nil)
    }

    /// What no topic takes for its key or its headers.
    @Test func dropsForeignHeadersAndTheEndOfTheKeyAtLast() {
        var headers = RecordHeaders()
        headers.append("x-large", [UInt8](repeating: 1, count: 3 << 20))
        headers.append("x-dlq-redrive-count", "2")
        let record = OwnedRecord(
            topic: "t", partition: 0, offset: 0, timestamp: 0, key: [UInt8](repeating: 5, count: 70_000),
            value: [1, 2], headers: headers)
        let bare = DeadLetter(of: record, because: Self.rejection, group: "g", form: .bare)
        #expect(bare.key == [UInt8](repeating: 5, count: 65_536) && bare.value == [1, 2])
        #expect(bare.headers["x-large"] == nil && bare.headers.text("x-dlq-truncated") == "2")
        #expect(bare.headers.text("x-dlq-redrive-count") == "2" && bare.headers.text("x-dlq-error-code") == "not_json")
        #expect(bare.headers.text("kafka_dlt-original-topic") == "t")
    }
}
