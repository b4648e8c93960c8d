import Delivery
import Testing
import Time

struct DeliveredIDsTests {
    private let now = MonotonicTime.now

    @Test func forgetsTheOldestAndTheOld() {
        var ids = DeliveredIDs(capacity: 3, lifetime: .seconds(10))
        for name in ["a", "b", "c", "a", "d"] { ids.insert(.init(name), now: now) }
        var answers = ["a", "b", "c", "d"].map { ids.contains(.init($0), now: now) }
        #expect(answers == [false, true, true, true])
        answers = [9, 10].map { ids.contains(.init("d"), now: now + .seconds($0)) }
        #expect(answers == [true, false])
        #expect(ids.count == 0)
    }

    @Test func expiresAtItsTime() {
        let wall = UnixTime(milliseconds: 1_000)
        #expect(Expiry.hasExpired(wall, now: wall) && !Expiry.hasExpired(nil, now: wall))
        #expect(!Expiry.hasExpired(wall, now: wall.adding(.milliseconds(-1))))
    }
}
