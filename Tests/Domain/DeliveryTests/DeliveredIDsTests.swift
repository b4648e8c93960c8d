import Delivery
import Testing
import Time

struct DeliveredIDsTests {
    private let now = ContinuousClock.now

    @Test func forgetsTheOldestAndTheOld() {
        var ids = DeliveredIDs(capacity: 3, lifetime: .seconds(10))
        for name in ["a", "b", "c", "a", "d"] { ids.insert(name, now: now) }
        var answers = ["a", "b", "c", "d"].map { ids.contains($0, now: now) }
        #expect(answers == [false, true, true, true])
        answers = [9, 10].map { ids.contains("d", now: now + .seconds($0)) }
        #expect(answers == [true, false])
        #expect(ids.count == 0)
    }

    @Test func expiredTokensComeOnceAndInOrder() {
        var expiry = Expiry()
        let wall = UnixTime(milliseconds: 1_000)
        for token in [5, 3, 9] { expiry.add(token, at: wall.adding(.milliseconds(token))) }
        let tokens = [2, 5, 5, 5].map { expiry.popExpired(wall.adding(.milliseconds($0))) }
        #expect(tokens == [nil, 3, 5, nil])
        #expect(Expiry.hasExpired(wall, now: wall) && !Expiry.hasExpired(nil, now: wall))
    }
}
