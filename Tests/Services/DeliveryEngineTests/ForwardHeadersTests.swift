import Kafka
import Notifications
import Testing
import Time

@testable import DeliveryEngine

struct ForwardHeadersTests {
    private func record(_ headers: [(String, String)], topic: String = "t.retry.30s") -> OwnedRecord {
        var list = RecordHeaders()
        for (name, value) in headers { list.append(name, value) }
        return OwnedRecord(topic: topic, partition: 1, offset: 2, timestamp: 3, key: nil, value: nil, headers: list)
    }

    private func names(_ headers: RecordHeaders) -> [String] {
        headers.list.map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// However often a record goes round, its headers do not grow.
    @Test func ourHeadersAreReplaced() throws {
        var current = record([("a", "1"), ("a", "2"), ("x-retry-attempt", "7"), ("x-retry-attempt", "8")])
        let origin = RecordOrigin(of: current, group: "g/h")
        let state = ForwardHeaders.RetryState(
            attempts: 3, firstFailure: UnixTime(milliseconds: 10), notBefore: UnixTime(milliseconds: 20))
        var sizes: Set<Int> = []
        for _ in 0..<5 {
            let headers = ForwardHeaders.retry(current, state: state, origin: origin)
            sizes.insert(headers.count)
            current = OwnedRecord(
                topic: "t", partition: 0, offset: 0, timestamp: 0, key: nil, value: nil, headers: headers)
        }
        #expect(sizes == [6])
        let expected = ["a", "a", "x-retry-attempt", "x-retry-first-failure", "x-retry-not-before", "x-retry-origin"]
        #expect(names(current.headers) == expected)
        #expect(current.headers.text("x-retry-attempt") == "3" && current.headers.text("x-retry-not-before") == "20")
        let text = try #require(current.headers.text("x-retry-origin"))
        #expect(RecordOrigin(text) == origin && origin.group == "g/h")
    }

    static let foreignOrigins = ["", "t", "t/1/2/3", "t/x/2/3/g", "/1/2/3/g", "t/1/99999999999999999999/3/g"]

    @Test(arguments: foreignOrigins) func anotherTextIsNoOrigin(_ text: String) {
        #expect(RecordOrigin(text) == nil)
    }

    /// A redriven letter keeps its count and gets the new reason; the message is cut at a character's edge.
    @Test func aSecondLetterReplacesTheFirst() {
        let first = record([
            ("x-dlq-redrive-count", "2"), ("x-dlq-error-class", "old"), ("own", "kept"),
            ("kafka_dlt-exception-cause-fqcn", "stale"),
        ])
        let reason = ForwardHeaders.Reason(
            deadLetter: .exhausted, code: "http_500", message: String(repeating: "é", count: 800), stage: "deliver")
        let headers = ForwardHeaders.deadLetter(
            first, reason: reason, attempts: 9, origin: RecordOrigin(of: first, group: "g"))
        #expect(headers.text("x-dlq-redrive-count") == "2" && headers.text("x-dlq-error-class") == "exhausted")
        #expect(headers.text("own") == "kept" && Set(names(headers)).count == headers.count)
        #expect(headers["x-dlq-error-message"]?.count == 1_024)
        #expect(headers["kafka_dlt-exception-message"] == headers["x-dlq-error-message"])
        #expect(headers["kafka_dlt-original-partition"] == [0, 0, 0, 1])
        #expect(headers["kafka_dlt-original-timestamp"] == [0, 0, 0, 0, 0, 0, 0, 3])
        #expect(headers.text("kafka_dlt-original-timestamp-type") == "CreateTime")
        #expect(headers.text("kafka_dlt-original-consumer-group") == "g")
        // The same words as the core's.
        #expect(headers.text("kafka_dlt-exception-fqcn") == "notificationhub.Rejection")
        #expect(headers.text("kafka_dlt-exception-cause-fqcn") == "notificationhub.exhausted")
    }
}
