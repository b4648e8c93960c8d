import Delivery
import Notifications
import TestKit
import Testing
import Time

/// Whatever comes when: order within a lane, all bounds, nobody starves, nothing is lost, forgotten or goes twice.
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
        /// By lane: four keys of each destination, then one for each notification without a key.
        var waiting: [[Int]] = []
        /// By lane: when what waits at its head may go again.
        var againAt: [MonotonicTime?] = []
        var heldUntil: MonotonicTime?
        var known: Set<Int> = []
        let keyless: Double
        /// How often an attempt ends: where that is seldom, every place is taken.
        let ending: Double
        var waitingCount = 0
        var inFlight: [Int] = []
        var unadmitted: Int
        var left: Int

        init(_ random: inout SeededGenerator) {
            limit = random.number(in: 1...(random.chance(0.5) ? 8 : 40))
            let most = limit <= 8 ? 4 : 20
            ending = random.chance(0.5) ? 0.5 : 0.15
            keyless = random.chance(0.5) ? 0.1 : 0.9
            var sites: [Destination] = []
            for name in ["a", "b", "c", "d", "e"].prefix(random.number(in: 1...5)) {
                sites.append(
                    Destination(
                        name: name, maxInFlight: random.number(in: 1...most),
                        rate: random.chance(0.3) ? .init(count: 100, per: .seconds(1), burst: 2) : nil))
            }
            self.sites = sites
            var policy = Circuit.Policy()
            policy.consecutive = random.number(in: 1...8)
            lanes = Lanes(maxInFlight: limit, circuit: policy)
            unadmitted = random.size(largest: 80)
            left = unadmitted
            waiting = Array(repeating: [], count: sites.count * 4 + unadmitted)
            againAt = Array(repeating: nil, count: waiting.count)
        }

        mutating func step(_ random: inout SeededGenerator) -> String? {
            now += .milliseconds(random.number(in: 0...20))
            if unadmitted > 0, random.chance(0.4) { return admit(&random) }
            if !inFlight.isEmpty, random.chance(ending) { return finish(&random) }
            if random.chance(0.05) { return remove(&random) }
            if random.chance(0.02), known.contains(0) {
                lanes.hold("a", until: now + .milliseconds(30))
                heldUntil = now + .milliseconds(30)
            }
            return go()
        }

        private mutating func admit(_ random: inout SeededGenerator) -> String? {
            let token = laneOf.count
            let site = random.number(in: 0...sites.count - 1)
            let key = random.chance(keyless) ? nil : random.number(in: 0...3)
            let priority = random.pick(Priority.allCases) ?? .low
            if let key {
                lanes.admit(token, to: sites[site], key: LanesPropertyTests.keys[key], priority: priority, now: now)
            } else {
                lanes.admit(token, to: sites[site], key: nil, priority: priority, now: now)
            }
            known.insert(site)
            laneOf.append(key.map { site * 4 + $0 } ?? sites.count * 4 + token)
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
                againAt[laneOf[token]] = again
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
            if waiting[lane].first == token { againAt[lane] = nil }
            waiting[lane].removeAll { $0 == token }
            waitingCount -= 1
            left -= 1
            return nil
        }

        private mutating func go() -> String? {
            guard let token = lanes.next(now) else { return forgotten() }
            let lane = laneOf[token]
            guard waiting[lane].first == token else { return "\(token) out of order" }
            guard mayHaveAPlace(siteOf[token]) else { return "\(token) has a place that is kept for others" }
            waiting[lane].removeFirst()
            againAt[lane] = nil
            waitingCount -= 1
            if inFlight.contains(where: { laneOf[$0] == lane }) { return "two in one lane" }
            inFlight.append(token)
            let site = siteOf[token]
            if inFlight.count(where: { siteOf[$0] == site }) > sites[site].maxInFlight { return "destination's bound" }
            let probes = inFlight.count { lanes.isProbe($0) && siteOf[$0] == site }
            if lanes.circuitState(of: sites[site].name) == .halfOpen, probes != 1 { return "\(probes) probes" }
            return nil
        }

        /// The last quarter is for those with less than a sixteenth in flight, the last eighth for those with nothing.
        private func mayHaveAPlace(_ site: Int) -> Bool {
            let own = inFlight.count { siteOf[$0] == site }
            let free = limit - inFlight.count
            guard own > 0, known.count > 1 else { return free > 0 }
            return free > (own < max(1, limit / 16) ? limit / 8 : limit / 4)
        }

        /// Nothing goes, although this could, by all that is known here.
        private func forgotten() -> String? {
            for lane in waiting.indices {
                guard let token = waiting[lane].first, againAt[lane].map({ $0 <= now }) ?? true else { continue }
                let site = siteOf[token]
                let isHeld = site == 0 && heldUntil.map { $0 > now } ?? false
                if !isHeld, sites[site].rate == nil, lanes.circuitState(of: sites[site].name) == .closed,
                    inFlight.count(where: { siteOf[$0] == site }) < sites[site].maxInFlight,
                    !inFlight.contains(where: { laneOf[$0] == lane }), mayHaveAPlace(site)
                {
                    return "\(token) is forgotten"
                }
            }
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

    /// Some destinations, together with room for more than there is, hang. As many more as are fewer than an eighth of the
    /// places may hang beside them: one that works goes on, whatever its priority.
    @Test func whatHangsLeavesPlaces() {
        forAll(cases: 20_000) { random in
            let places = random.number(in: 8...64)
            let most = random.number(in: 2...places * 3 / 4)
            let crowd = (places + most - 1) / most
            let more = random.number(in: 0...places / 8 - 1)
            var lanes = Lanes(maxInFlight: places)
            let now = Self.start
            var token = 0
            for (first, last) in [(0, crowd), (crowd, crowd + more)] where first < last {
                for count in 0..<(last - first) * most * 2 {
                    // All of them work at the same time: none comes when the others have their places already.
                    let isFirst = count < last - first
                    let name = isFirst ? first + count : random.number(in: first...last - 1)
                    lanes.admit(
                        token, to: Destination(name: String(name), maxInFlight: most), key: nil,
                        priority: isFirst ? .critical : random.pick(Priority.allCases) ?? .low, now: now)
                    token += 1
                    if !isFirst, random.chance(0.5) { _ = lanes.next(now) }
                }
                while lanes.next(now) != nil {}
            }
            let works = Destination(name: "works", maxInFlight: most)
            for count in 0..<5 {
                lanes.admit(token + count, to: works, key: nil, priority: .low, now: now)
            }
            for count in 0..<5 {
                guard lanes.next(now) == token + count else { return "of \(places) places none is left" }
                lanes.finish(token + count, .leaves, health: .alive, now: now)
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
