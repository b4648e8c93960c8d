import Kafka
import Notifications
import Testing
import Time

@testable import DeliveryEngine

struct WorkTests {
    private static func work(_ name: String, _ value: String, feed: Int = 1) -> Work {
        var headers = RecordHeaders()
        headers.append(name, value)
        let record = OwnedRecord(
            topic: "t.retry.30s", partition: 0, offset: 1, timestamp: 2, key: nil, value: nil, headers: headers)
        return Work(record: record, group: "g", feed: feed, epoch: 1, slot: 7, generation: .max)
    }

    static let attempts: [(text: String, number: Int)] = [
        ("3", 3), ("-1", 0), ("9223372036854775807", 1_000_000), ("99999999999999999999", 0), ("", 0),
    ]

    /// Anybody can write to a retry topic: no number there may end the process.
    @Test(arguments: attempts) func attemptsAreBounded(text: String, number: Int) {
        let work = Self.work("x-retry-attempt", text)
        #expect(work.attempts == number && work.attemptsBefore == number)
        #expect(Self.work("x-retry-attempt", text, feed: 0).attempts == 0)
    }

    @Test func aRecordThatOnlyWaitedInATierStartsAnew() {
        #expect(Self.work("x-retry-attempt", "0").tier == nil && Self.work("x-retry-attempt", "2").tier == 0)
    }

    @Test func timesAreBounded() throws {
        let now = UnixTime.now()
        let first = try #require(Self.work("x-retry-first-failure", "9223372036854775807").firstFailure)
        #expect(first >= now && first <= UnixTime.now())
        #expect(Self.work("x-retry-first-failure", "-9223372036854775808").firstFailure?.milliseconds == 0)
        let record = Self.work("x-retry-not-before", "9223372036854775807").record
        let notBefore = try #require(Work.time(record, WireHeader.retryNotBefore))
        #expect(notBefore.milliseconds == 253_402_300_799_999)
    }

    @Test func tokensOfLateGenerationsHoldTheSlot() {
        #expect(Self.work("a", "b").token == 0xFFFF_FFFF_0000_0007)
    }
}
