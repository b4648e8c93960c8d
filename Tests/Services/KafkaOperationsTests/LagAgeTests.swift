import KafkaOperations
import Testing
import Time

struct LagAgeTests {
    static func at(_ seconds: Int64) -> UnixTime { UnixTime(milliseconds: seconds * 1000) }

    @Test func aBacklogIsAsOldAsTheLastRecordThatWasRead() {
        var age = LagAge(assignedAt: Self.at(1000))
        #expect(age.age(lag: 9, now: Self.at(1005)) == .seconds(5))
        age.read(timestamp: 400_000)
        #expect(age.age(lag: 8, now: Self.at(1006)) == .seconds(606))
    }

    @Test func afterAQuietHourANewRecordIsNew() {
        var age = LagAge(assignedAt: Self.at(0))
        age.read(timestamp: 10_000)
        #expect(age.age(lag: 0, now: Self.at(3600)) == .zero)
        #expect(age.age(lag: 1, now: Self.at(3602)) == .seconds(2))
    }

    @Test func clocksThatDifferGiveNoNegativeAge() {
        var age = LagAge(assignedAt: Self.at(0))
        age.read(timestamp: 5_000_000)
        #expect(age.age(lag: 3, now: Self.at(100)) == .zero)
        age.read(timestamp: -1)
        #expect(age.age(lag: 3, now: Self.at(5002)) == .seconds(2))
    }
}
