import Kafka
import Notifications
import Testing

@testable import DeliveryEngine

struct LetterTests {
    private static func letter(key: Int, value: Int, padding: Int) -> Outbox.Letter {
        var headers = RecordHeaders()
        headers.append("foreign", [UInt8](repeating: 1, count: padding))
        let record = OwnedRecord(
            topic: "t", partition: 0, offset: 1, timestamp: 2, key: [UInt8](repeating: 2, count: key),
            value: [UInt8](repeating: 3, count: value), headers: headers)
        let origin = RecordOrigin(of: record, group: "g")
        let reason = ForwardHeaders.Reason(deadLetter: .permanent, code: "c", message: "m", stage: "deliver")
        return Outbox.Letter(
            kind: .deadLetter, topic: "t.dlq", key: record.key, value: record.value,
            headers: ForwardHeaders.deadLetter(record, reason: reason, attempts: 1, origin: origin),
            work: Work(record: record, origin: origin, feed: 0, epoch: 1, slot: 0, generation: 1))
    }

    @Test func aLargeValueIsCutFirst() throws {
        let cut = try #require(Self.letter(key: 5, value: 100_000, padding: 10).smaller)
        #expect(cut.value?.count == 65_536 && cut.headers.text("x-dlq-truncated") == "100000")
        #expect(cut.key?.count == 5 && cut.headers["foreign"]?.count == 10)
    }

    /// Headers and key can be what is too large; the last form is small in any case.
    @Test func theLastFormIsBare() throws {
        let bare = try #require(Self.letter(key: 100_000, value: 7, padding: 500_000).smaller)
        #expect(bare.value?.count == 7 && bare.headers["x-dlq-truncated"] == nil)
        #expect(bare.key?.count == 1_024 && bare.headers["foreign"] == nil)
        #expect(bare.headers.text("x-dlq-error-code") == "c" && bare.headers.count == 20)
        #expect(bare.smaller == nil)
        let both = try #require(Self.letter(key: 5, value: 100_000, padding: 500_000).smaller?.smaller)
        #expect(both.headers.text("x-dlq-truncated") == "100000" && both.headers["foreign"] == nil)
    }
}
