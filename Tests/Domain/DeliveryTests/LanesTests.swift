import Delivery
import Notifications
import TestKit
import Testing
import Time

struct LanesTests {
    private static let start = MonotonicTime.now

    private static func key(_ number: Int) -> [UInt8] { Array("k\(number)".utf8) }

    private func drain(_ lanes: inout Lanes, _ now: MonotonicTime) -> [Int] {
        var tokens: [Int] = []
        while let token = lanes.next(now) { tokens.append(token) }
        return tokens
    }

    @Test func aDeadDestinationHoldsNobodyElse() {
        var policy = Circuit.Policy()
        policy.consecutive = 2
        var lanes = Lanes(maxInFlight: 10, circuit: policy)
        let (dead, alive) = (Destination(name: "dead", maxInFlight: 5), Destination(name: "alive", maxInFlight: 5))
        let now = Self.start
        for token in 0..<6 { lanes.admit(token, to: dead, key: nil, priority: .critical, now: now) }
        for token in 0..<2 {
            let next = lanes.next(now)
            #expect(next == token)
            lanes.finish(token, .leaves, health: .down, now: now)
        }
        #expect(lanes.circuitState(of: "dead") == .open(until: now + .seconds(1)))
        for token in 10..<13 { lanes.admit(token, to: alive, key: nil, priority: .low, now: now) }
        var gone = drain(&lanes, now)
        #expect(gone == [10, 11, 12])
        #expect(lanes.nextWake == now + .seconds(1))
        // After the cooldown one probe; its success lets the others follow.
        gone = drain(&lanes, now + .seconds(1))
        #expect(gone == [2])
        lanes.finish(2, .leaves, health: .alive, now: now + .seconds(1))
        gone = drain(&lanes, now + .seconds(1))
        #expect(gone == [3, 4, 5])
    }

    /// Four that hang with all they may have in flight do not have every place: one that works goes at once, again and
    /// again. When they are back they go on.
    @Test func destinationsThatHangLeavePlacesToTheOthers() {
        var lanes = Lanes(maxInFlight: 64)
        let now = Self.start
        for token in 0..<200 {
            let hangs = Destination(name: "hangs\(token % 4)", maxInFlight: 16)
            lanes.admit(token, to: hangs, key: nil, priority: .critical, now: now)
        }
        let hanging = drain(&lanes, now)
        #expect(hanging == Array(0..<48))
        let works = Destination(name: "works", maxInFlight: 16)
        for token in 200..<220 { lanes.admit(token, to: works, key: nil, priority: .low, now: now) }
        for turn in 0..<5 {
            let gone = drain(&lanes, now)
            #expect(gone == Array(200 + turn * 4..<204 + turn * 4))
            for token in gone { lanes.finish(token, .leaves, health: .alive, now: now) }
        }
        for token in hanging { lanes.finish(token, .leaves, health: .alive, now: now) }
        let further = drain(&lanes, now)
        #expect(further == Array(48..<96))
    }

    /// What is kept is for others: a destination that has none beside it may have every place.
    @Test(arguments: [1, 2, 3, 4, 64])
    func oneAloneMayHaveEveryPlace(places: Int) {
        var lanes = Lanes(maxInFlight: places)
        let alone = Destination(name: "alone", maxInFlight: .max)
        for token in 0..<100 { lanes.admit(token, to: alone, key: nil, priority: .normal, now: Self.start) }
        #expect(drain(&lanes, Self.start).count == places)
    }

    /// So few places that a quarter is none: nothing is kept, and nobody waits for ever.
    @Test(arguments: [1, 2, 3])
    func aSmallProcessKeepsNothing(places: Int) {
        var lanes = Lanes(maxInFlight: places)
        for token in 0..<40 {
            let destination = Destination(name: "d\(token % 2)", maxInFlight: token % 2 == 0 ? .max : 1)
            lanes.admit(token, to: destination, key: nil, priority: .normal, now: Self.start)
        }
        var gone = drain(&lanes, Self.start)
        #expect(gone.count == places)
        for index in 0..<40 where index < gone.count {
            lanes.finish(gone[index], .leaves, health: .alive, now: Self.start)
            gone += drain(&lanes, Self.start)
        }
        #expect(Set(gone) == Set(0..<40))
    }

    /// An address that an event brought is down, or hangs: neither the endpoint whose name it borrows nor another such
    /// address waits for it. Nor do they wait for that endpoint.
    @Test func anAddressOfItsOwnSaysNothingOfTheEndpoint() {
        var policy = Circuit.Policy()
        policy.consecutive = 2
        var lanes = Lanes(maxInFlight: 100, circuit: policy)
        let endpoint = Destination(name: "orders", maxInFlight: 4)
        let elsewhere = Destination(name: "orders", maxInFlight: 4, hasOwnAddress: true)
        let now = Self.start
        for token in 0..<50 {
            lanes.admit(token, to: elsewhere, key: nil, priority: .normal, now: now)
            let next = lanes.next(now)
            #expect(next == token)
            lanes.finish(token, .leaves, health: .down, now: now)
        }
        lanes.admit(50, to: endpoint, key: nil, priority: .normal, now: now)
        for token in 60..<70 { lanes.admit(token, to: elsewhere, key: nil, priority: .normal, now: now) }
        let gone = drain(&lanes, now)
        #expect(Set(gone) == [50, 60, 61, 62, 63])
        #expect(lanes.circuitState(of: "orders") == .closed && lanes.destinations == ["orders"])
        // The endpoint is down itself.
        lanes.finish(50, .leaves, health: .down, now: now)
        lanes.admit(51, to: endpoint, key: nil, priority: .normal, now: now)
        let probed = lanes.next(now)
        #expect(probed == 51)
        lanes.finish(51, .leaves, health: .down, now: now)
        #expect(lanes.circuitState(of: "orders") == .open(until: now + .seconds(1)))
        for token in 60..<64 { lanes.finish(token, .leaves, health: .alive, now: now) }
        let others = drain(&lanes, now)
        #expect(others == [64, 65, 66, 67])
        #expect(lanes.circuitState(of: "orders") == .open(until: now + .seconds(1)))
    }

    @Test func heldRecordsCanBeParkedButOneProbeStays() {
        var policy = Circuit.Policy()
        policy.consecutive = 1
        var lanes = Lanes(maxInFlight: 10, circuit: policy)
        let dead = Destination(name: "dead", maxInFlight: 5)
        let now = Self.start
        lanes.admit(0, to: dead, key: Self.key(1), priority: .normal, now: now)
        let first = lanes.next(now)
        #expect(first == 0)
        for token in 1..<4 { lanes.admit(token, to: dead, key: Self.key(1), priority: .normal, now: now) }
        #expect(lanes.held(longerThan: .zero, now: now).isEmpty)
        lanes.finish(0, .leaves, health: .down, now: now)
        #expect(lanes.held(longerThan: .seconds(5), now: now + .seconds(4)).isEmpty)
        let held = lanes.held(longerThan: .seconds(5), now: now + .seconds(5))
        #expect(held == [2, 3])
        for token in held { lanes.remove(token) }
        let waiting = lanes.waiting
        let gone = drain(&lanes, now + .seconds(5))
        #expect(waiting == 1 && gone == [1])
    }

    /// The one that stays must be the one that goes: a low priority would wait for as long as others arrive.
    @Test func theNextProbeIsTheOneThatGoesFirst() {
        var policy = Circuit.Policy()
        policy.consecutive = 1
        var lanes = Lanes(maxInFlight: 10, circuit: policy)
        let dead = Destination(name: "dead", maxInFlight: 5)
        let now = Self.start
        lanes.admit(0, to: dead, key: nil, priority: .normal, now: now)
        let first = lanes.next(now)
        lanes.finish(0, .leaves, health: .down, now: now)
        lanes.admit(1, to: dead, key: nil, priority: .low, now: now)
        lanes.admit(2, to: dead, key: nil, priority: .normal, now: now + .milliseconds(1))
        lanes.admit(3, to: dead, key: nil, priority: .normal, now: now + .milliseconds(2))
        let held = lanes.held(longerThan: .seconds(1), now: now + .seconds(2))
        let probe = lanes.next(now + .seconds(2))
        #expect(first == 0 && held == [1, 3] && probe == 2)
    }

    /// What stood behind one that left goes at its own priority, not at that of the one before it.
    @Test func aLaneIsListedAtThePriorityOfItsHead() {
        var lanes = Lanes(maxInFlight: 1)
        let destination = Destination(name: "d", maxInFlight: 1)
        let now = Self.start
        lanes.admit(0, to: destination, key: Self.key(1), priority: .low, now: now)
        lanes.admit(1, to: destination, key: Self.key(1), priority: .critical, now: now)
        lanes.admit(2, to: destination, key: Self.key(2), priority: .low, now: now)
        lanes.admit(3, to: destination, key: nil, priority: .normal, now: now)
        lanes.remove(0)
        lanes.remove(2)
        lanes.admit(4, to: destination, key: Self.key(2), priority: .high, now: now)
        var order: [Int] = []
        while let token = lanes.next(now) {
            order.append(token)
            lanes.finish(token, .leaves, health: .alive, now: now)
        }
        #expect(order == [1, 4, 3])
    }

    private static let paced =
        Destination(name: "d", maxInFlight: 10, rate: .init(count: 1, per: .seconds(1), burst: 1))

    /// High priorities overtake; a low one still gets every sixteenth turn, whatever it is that all of them wait for.
    @Test(arguments: [
        (1, Destination(name: "d", maxInFlight: 1)), (10, Destination(name: "d", maxInFlight: 1)), (10, paced),
    ])
    func prioritiesOvertakeWithoutStarving(limit: Int, destination: Destination) {
        var lanes = Lanes(maxInFlight: limit)
        var now = Self.start
        for token in 0..<3 { lanes.admit(token, to: destination, key: nil, priority: .low, now: now) }
        for token in 3..<60 { lanes.admit(token, to: destination, key: nil, priority: .high, now: now) }
        var order: [Int] = []
        while lanes.waiting > 0, order.count < 100 {
            let gone = drain(&lanes, now)
            order += gone
            now += .seconds(1)
            for token in gone { lanes.finish(token, .leaves, health: .alive, now: now) }
        }
        #expect(order.prefix(15).allSatisfy { $0 >= 3 })
        #expect(order.firstIndex(of: 0) == 15 && order.firstIndex(of: 2) == 47 && order.count == 60)
    }

    /// Where every place is taken all the time, and turns come to destinations that have too much in flight for them.
    @Test func prioritiesDoNotStarveWherePlacesAreKept() {
        var lanes = Lanes(maxInFlight: 64)
        let now = Self.start
        for token in 0..<4_000 {
            let isLow = token % 4 == 3
            lanes.admit(
                token, to: Destination(name: "d\(token % 4)", maxInFlight: 64), key: nil,
                priority: isLow ? .low : token % 2 == 0 ? .high : .critical, now: now)
        }
        var order = drain(&lanes, now)
        for index in 0..<1_600 {
            lanes.finish(order[index], .leaves, health: .alive, now: now)
            order += drain(&lanes, now)
        }
        for (level, count) in [(3, 4), (0, 2), (2, 2)] {
            let turns = order.indices.filter { order[$0] % count == level % count }
            let longest = zip(turns, turns.dropFirst()).map { $1 - $0 }.max() ?? .max
            #expect(turns.count > 90 && longest <= 18, "\(level) of \(count): \(turns.count) turns, \(longest) apart")
        }
    }

    /// A slow destination that fills the buffer gives way only where another one starves.
    @Test func crowdingNamesTheSlowOnesRecords() {
        var lanes = Lanes(maxInFlight: 10)
        let (slow, quick) = (Destination(name: "slow", maxInFlight: 1), Destination(name: "quick", maxInFlight: 5))
        let now = Self.start
        for token in 0..<9 { lanes.admit(token, to: slow, key: nil, priority: .normal, now: now) }
        var gone = drain(&lanes, now)
        #expect(gone == [0])
        #expect(lanes.crowding(now).isEmpty)
        lanes.admit(20, to: quick, key: nil, priority: .normal, now: now)
        gone = drain(&lanes, now)
        #expect(gone == [20])
        lanes.finish(20, .leaves, health: .alive, now: now)
        #expect(lanes.crowding(now) == [1, 2, 3, 4])
        #expect(lanes.crowding(now + .seconds(11)).isEmpty)
    }

    /// Whether others are there or not: what waits for long keeps a part of the room, its oldest.
    @Test func overdueNamesTheNewestOfSlowDestinations() {
        var lanes = Lanes(maxInFlight: 10)
        let (slow, busy) = (Destination(name: "slow", maxInFlight: 1), Destination(name: "busy", maxInFlight: 1))
        let now = Self.start
        for token in 0..<9 {
            lanes.admit(token, to: slow, key: nil, priority: .normal, now: now + .milliseconds(token))
        }
        let later = now + .seconds(5)
        for token in 20..<30 { lanes.admit(token, to: busy, key: nil, priority: .normal, now: later) }
        let gone = drain(&lanes, later)
        #expect(gone == [0, 20])
        #expect(lanes.overdue(longerThan: .seconds(5), keeping: 3, now: now + .seconds(4)).isEmpty)
        #expect(lanes.overdue(longerThan: .seconds(5), keeping: 3, now: later + .milliseconds(1)) == [4, 5, 6, 7, 8])
        let all = lanes.overdue(longerThan: .seconds(5), keeping: 4, now: now + .seconds(11))
        #expect(Set(all) == [3, 4, 5, 6, 7, 8, 23, 24, 25, 26, 27, 28, 29])
    }

    @Test func theNextOneDoesNotWaitForOneThatLeft() {
        var lanes = Lanes(maxInFlight: 10)
        let now = Self.start
        for token in 0..<2 {
            lanes.admit(
                token, to: Destination(name: "d", maxInFlight: 5), key: Self.key(1), priority: .normal, now: now)
        }
        let first = drain(&lanes, now)
        lanes.finish(0, .again(now + .seconds(1_800)), health: .alive, now: now)
        let none = drain(&lanes, now)
        lanes.remove(0)
        let second = drain(&lanes, now)
        #expect(first == [0] && none.isEmpty && second == [1])
    }

    /// `Retry-After` is for the whole destination, and for no other.
    @Test func aDestinationIsLeftAloneForAWhile() {
        var lanes = Lanes(maxInFlight: 10)
        let now = Self.start
        for (token, name) in ["held", "held", "other"].enumerated() {
            lanes.admit(token, to: Destination(name: name, maxInFlight: 5), key: nil, priority: .normal, now: now)
        }
        lanes.hold("held", until: now + .seconds(3))
        lanes.hold("held", until: now + .seconds(2))
        lanes.hold("unknown", until: now + .seconds(2))
        let gone = [0, 2_999, 3_000].map { drain(&lanes, now + .milliseconds($0)) }
        #expect(gone == [[2], [], [0, 1]])
    }

    /// Limits that are raised are for what waits already, without another record; no limits of others change.
    @Test func newLimitsReachWhatWaits() {
        var lanes = Lanes(maxInFlight: 64)
        var now = Self.start
        let before = Destination.Rate(count: 1, per: .seconds(1))
        for token in 0..<120 {
            let destination = Destination(name: "d\(token % 2)", maxInFlight: 1, rate: before)
            lanes.admit(token, to: destination, key: nil, priority: .normal, now: now)
        }
        var gone = drain(&lanes, now)
        #expect(gone == [0, 1])
        let after = Destination(name: "d0", maxInFlight: 16, rate: .init(count: 1_000, per: .seconds(1)))
        lanes.relimit(after, now: now)
        lanes.relimit(Destination(name: "unknown", maxInFlight: 16), now: now)
        for _ in 0..<99 {
            gone += drain(&lanes, now)
            now += .milliseconds(10)
            while let token = gone.first(where: lanes.isInFlight) {
                lanes.finish(token, .leaves, health: .alive, now: now)
            }
        }
        #expect(gone.count { $0 % 2 == 0 } == 60 && gone.count { $0 % 2 == 1 } == 1)
        #expect(lanes.destinations == ["d0", "d1"])
    }

    @Test func rateLimitsOnlyItsDestination() {
        var lanes = Lanes(maxInFlight: 10)
        let slack = Destination(name: "slack", maxInFlight: 5, rate: .init(count: 1, per: .seconds(1)))
        let other = Destination(name: "other", maxInFlight: 5)
        let now = Self.start
        for token in 0..<3 { lanes.admit(token, to: slack, key: nil, priority: .normal, now: now) }
        for token in 3..<6 { lanes.admit(token, to: other, key: nil, priority: .normal, now: now) }
        let gone = [0, 999, 1_000].map { drain(&lanes, now + .milliseconds($0)) }
        #expect(Set(gone[0]) == [0, 3, 4, 5] && gone[1].isEmpty && gone[2] == [1])
        #expect(lanes.nextWake == now + .seconds(2))
    }
}
