import DeadLetters
import Kafka
import Testing
import Time

@testable import DeliveryEngine

struct RetryHeadersTests {
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
        let state = RetryHeaders.State(
            attempts: 3, firstFailure: UnixTime(milliseconds: 10), notBefore: UnixTime(milliseconds: 20))
        var sizes: Set<Int> = []
        for _ in 0..<5 {
            let headers = RetryHeaders.make(current, state: state, origin: origin)
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
}
