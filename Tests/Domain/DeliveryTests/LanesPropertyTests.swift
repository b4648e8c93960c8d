import Delivery
import Notifications
import TestKit
import Testing
import Time

/// Whatever comes when: order within a lane, all bounds, nobody starves, nothing is lost or goes twice.
struct LanesPropertyTests {
    private static let start = MonotonicTime.now
    private static let keys: [[UInt8]] = (0..<4).map { Array("k\($0)".utf8) }

    /// What `Lanes` is told, kept the slow way.
    private struct Run {
        let limit: Int
        let sites: [Destination]
        var lanes: Lanes
        var now = LanesPropertyTests.start
        /// By token.
        var laneOf: [Int] = []
        var siteOf: [Int] = []
        /// By lane: four keys of three destinations, then one for each notification without a key.
        var waiting: [[Int]] = []
        var waitingCount = 0
        var inFlight: [Int] = []
        var unadmitted: Int
        var left: Int

        init(_ random: inout SeededGenerator) {
            limit = random.number(in: 1...8)
            var sites: [Destination] = []
            for name in ["a", "b", "c"] {
                sites.append(
                    Destination(
                        name: name, maxInFlight: random.number(in: 1...4),
                        rate: random.chance(0.3) ? .init(count: 100, per: .seconds(1), burst: 2) : nil))
            }
            self.sites = sites
            var policy = Circuit.Policy()
            policy.consecutive = random.number(in: 1...8)
            lanes = Lanes(maxInFlight: limit, circuit: policy)
            unadmitted = random.size(largest: 80)
            left = unadmitted
            waiting = Array(repeating: [], count: 12 + unadmitted)
        }

        mutating func step(_ random: inout SeededGenerator) -> String? {
            now += .milliseconds(random.number(in: 0...20))
            if unadmitted > 0, random.chance(0.4) { return admit(&random) }
            if !inFlight.isEmpty, random.chance(0.5) { return finish(&random) }
            if random.chance(0.05) { return remove(&random) }
            if random.chance(0.02) { lanes.hold("a", until: now + .milliseconds(30)) }
            return go()
        }

        private mutating func admit(_ random: inout SeededGenerator) -> String? {
            let token = laneOf.count
            let site = random.number(in: 0...2)
            let key = random.chance(0.1) ? nil : random.number(in: 0...3)
            let priority = random.pick(Priority.allCases) ?? .low
            if let key {
                lanes.admit(token, to: sites[site], key: LanesPropertyTests.keys[key], priority: priority, now: now)
            } else {
                lanes.admit(token, to: sites[site], key: nil, priority: priority, now: now)
            }
            laneOf.append(key.map { site * 4 + $0 } ?? 12 + token)
            siteOf.append(site)
            waiting[laneOf[token]].append(token)
            waitingCount += 1
            unadmitted -= 1
            return nil
        }

        private mutating func finish(_ random: inout SeededGenerator) -> String? {
            let token = inFlight.remove(at: random.number(in: 0...inFlight.count - 1))
            let health: Lanes.Health = random.chance(0.3) ? .down : random.chance(0.1) ? .unknown : .alive
            if random.chance(0.2) {
                let again = now + .milliseconds(random.number(in: 0...50))
                lanes.finish(token, .again(again), health: health, now: now)
                waiting[laneOf[token]].insert(token, at: 0)
                waitingCount += 1
            } else {
                lanes.finish(token, .leaves, health: health, now: now)
                left -= 1
            }
            return lanes.isInFlight(token) ? "\(token) did not finish" : nil
        }

        private mutating func remove(_ random: inout SeededGenerator) -> String? {
            if let token = inFlight.first, lanes.remove(token) { return "removed \(token) in flight" }
            let lane = random.pick(waiting.indices.filter { !waiting[$0].isEmpty })
            guard let lane, let token = random.pick(waiting[lane]) else { return nil }
            guard lanes.remove(token), !lanes.remove(token) else { return "\(token) not removed once" }
            waiting[lane].removeAll { $0 == token }
            waitingCount -= 1
            left -= 1
            return nil
        }

        private mutating func go() -> String? {
            guard let token = lanes.next(now) else { return nil }
            let lane = laneOf[token]
            guard waiting[lane].first == token else { return "\(token) out of order" }
            waiting[lane].removeFirst()
            waitingCount -= 1
            if inFlight.contains(where: { laneOf[$0] == lane }) { return "two in one lane" }
            inFlight.append(token)
            let site = siteOf[token]
            if inFlight.count(where: { siteOf[$0] == site }) > sites[site].maxInFlight { return "destination's bound" }
            let probes = inFlight.count { lanes.isProbe($0) && siteOf[$0] == site }
            if lanes.circuitState(of: sites[site].name) == .halfOpen, probes != 1 { return "\(probes) probes" }
            return nil
        }

        func check() -> String? {
            if inFlight.count > limit { return "process's bound" }
            if lanes.inFlight != inFlight.count { return "\(lanes.inFlight) in flight, not \(inFlight.count)" }
            return lanes.waiting == waitingCount ? nil : "\(lanes.waiting) waiting, not \(waitingCount)"
        }
    }

    @Test func randomInterleavings() {
        forAll { random in
            var run = Run(&random)
            var steps = 0
            while run.left > 0 {
                steps += 1
                // An open circuit lets a probe through every thirty seconds at the latest.
                if steps.isMultiple(of: 500) { run.now += .seconds(30) }
                if steps > 60_000 { return "stuck with \(run.left) left" }
                if let fault = run.step(&random) ?? run.check() { return fault }
            }
            return nil
        }
    }

    /// Higher priorities go first, but a level that waits is passed over sixteen times at most, in the process and at its
    /// destination, save for what the lower ones take at the same time; and destinations of a level take turns.
    @Test func nobodyStarves() {
        forAll { random in
            var lanes = Lanes(maxInFlight: 1)
            let now = Self.start
            let sites = (0..<random.number(in: 1...3)).map { Destination(name: "\($0)", maxInFlight: 1) }
            var levelOf: [Int] = []
            var siteOf: [Int] = []
            var waiting = [Int](repeating: 0, count: 4 * sites.count)
            var passed = [0, 0, 0, 0]
            var passedAt = [Int](repeating: 0, count: 4 * sites.count)
            var turns = [Int](repeating: 0, count: 4 * sites.count)
            var left = random.size(largest: 200)
            while left > 0 || lanes.waiting > 0 {
                while left > 0, lanes.waiting < 30, random.chance(0.7) {
                    let level = random.chance(0.7) ? 3 : random.number(in: 0...2)
                    let site = random.number(in: 0...sites.count - 1)
                    lanes.admit(
                        levelOf.count, to: sites[site], key: nil, priority: Priority.allCases[level], now: now)
                    levelOf.append(level)
                    siteOf.append(site)
                    waiting[level * sites.count + site] += 1
                    left -= 1
                }
                let isWaiting = (0..<4).map { level in
                    (0..<sites.count).contains { waiting[level * sites.count + $0] > 0 }
                }
                guard let token = lanes.next(now) else {
                    if lanes.waiting > 0 { return "nothing goes" }
                    continue
                }
                let (level, site) = (levelOf[token], siteOf[token])
                let isOvertaking = (level + 1..<4).contains { isWaiting[$0] }
                let passes = max(passed[level], passedAt[level * sites.count + site])
                if isOvertaking, passes < 15 { return "level \(level) after \(passes)" }
                let highest = isWaiting.lastIndex(of: true) ?? 0
                for lower in 0..<highest where isWaiting[lower] && lower != level {
                    passed[lower] += 1
                    if passed[lower] > 18 { return "level \(lower) starves" }
                }
                passed[level] = 0
                let isWaitingHere = (0..<4).map { waiting[$0 * sites.count + site] > 0 }
                for lower in 0..<(isWaitingHere.lastIndex(of: true) ?? 0) where isWaitingHere[lower] && lower != level {
                    passedAt[lower * sites.count + site] += 1
                    if passedAt[lower * sites.count + site] > 18 { return "level \(lower) starves at \(site)" }
                }
                passedAt[level * sites.count + site] = 0
                for other in 0..<sites.count where other != site && waiting[level * sites.count + other] > 0 {
                    turns[level * sites.count + other] += 1
                    if turns[level * sites.count + other] > 2 * sites.count { return "destination \(other) starves" }
                }
                turns[level * sites.count + site] = 0
                waiting[level * sites.count + site] -= 1
                lanes.finish(token, .leaves, health: .alive, now: now)
            }
            return nil
        }
    }
}
