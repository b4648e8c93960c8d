import CommandLineKit
import DeadLetters
import Kafka
import Lifecycle
import Testing
import Time

@testable import Control

struct RedrivePolicyTests {
    static func letter(
        _ headers: [(String, String)], key: String? = "u1", value: String? = #"{"id":"n1","event":{"id":"e1"}}"#,
        timestamp: Int64 = 1_700_000_000_000
    ) -> ReceivedLetter {
        var list = RecordHeaders()
        for (name, value) in headers { list.append(name, value) }
        return ReceivedLetter(
            OwnedRecord(
                topic: "q.dlq", partition: 2, offset: 17, timestamp: timestamp, key: key.map { Array($0.utf8) },
                value: value.map { Array($0.utf8) }, headers: list))
    }

    static let ours = [
        ("x-own", "kept"), ("x-dlq-original-topic", "q"), ("x-dlq-original-partition", "1"),
        ("x-dlq-original-offset", "5"), ("x-dlq-error-class", "exhausted"), ("x-dlq-error-code", "http_500"),
        ("x-dlq-error-message", "it answered 500"), ("x-retry-attempt", "9"), ("x-retry-first-failure", "1"),
        ("x-dlq-redrive-count", "2"), ("kafka_dlt-original-topic", "q"),
    ]

    private let policy = RedrivePolicy(maximumRedrives: 3, topics: ["q", "q.dlq"], queue: "q.dlq")

    @Test func sendsALetterToItsOrigin() {
        let letter = Self.letter(Self.ours)
        #expect(policy.verdict(letter) == .send(to: "q"))
        #expect(letter.origin?.partition == 1 && letter.origin?.offset == 5 && letter.attempts == 9)
    }

    @Test func restoresTheHeadersAndCounts() {
        let headers = Self.letter(Self.ours).redriveHeaders
        #expect(headers.list.map { String(decoding: $0.name, as: UTF8.self) } == ["x-own", "x-dlq-redrive-count"])
        #expect(headers.text("x-own") == "kept" && headers.text("x-dlq-redrive-count") == "3")
    }

    static let left: [(String, String, LeftReason)] = [
        ("x-dlq-redrive-count", "3", .redrivenTooOften), ("x-dlq-redrive-count", "99", .redrivenTooOften),
        ("x-dlq-truncated", "3000000", .truncated), ("x-dlq-original-topic", "gone", .noTopic),
        ("x-dlq-original-topic", "q.dlq", .noTopic), ("x-dlq-original-topic", "", .foreign),
        ("x-dlq-original-partition", "one", .foreign), ("x-dlq-original-offset", "", .foreign),
    ]

    @Test(arguments: left)
    func leavesWhatCannotGoBack(name: String, value: String, reason: LeftReason) {
        let headers = Self.ours.filter { $0.0 != name } + [(name, value)]
        #expect(policy.verdict(Self.letter(headers)) == .leave(reason))
    }

    @Test func takesNobodysGuessForAnOrigin() {
        #expect(policy.verdict(Self.letter([("kafka_dlt-original-topic", "q")])) == .leave(.foreign))
        #expect(policy.verdict(Self.letter([])) == .leave(.foreign))
    }

    @Test func paceIsNeverFasterThanItsRate() {
        let stop = Latch()
        var pace = Pace(perSecond: 100)
        let start = ContinuousClock.now
        let turns = (0..<11).map { _ in pace.wait(stop) }
        #expect(turns.allSatisfy(\.self) && ContinuousClock.now - start >= .milliseconds(100))
        stop.open()
        let isTurn = pace.wait(stop)
        #expect(!isTurn)
    }
}
