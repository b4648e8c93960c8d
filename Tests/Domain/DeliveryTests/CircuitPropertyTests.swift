import Delivery
import TestKit
import Testing
import Time

struct CircuitPropertyTests {
    private static let start = MonotonicTime.now

    /// A circuit by its definition: lists of results instead of bits and counters.
    private struct Model {
        let policy: Circuit.Policy
        /// `true` for a failure; since it was closed, the last 64 of them.
        var results: [Bool] = []
        var isOpen = false
        var until = CircuitPropertyTests.start
        var hasProbe = false
        var cooldown: Duration

        init(_ policy: Circuit.Policy) {
            self.policy = policy
            cooldown = policy.cooldown
        }

        var shouldOpen: Bool {
            let latest = results.suffix(policy.consecutive)
            if latest.count == policy.consecutive, latest.allSatisfy({ $0 }) { return true }
            let known = results.suffix(64)
            return known.count >= policy.minimum
                && Double(known.count { $0 }) >= policy.share * Double(known.count)
        }

        mutating func ended(_ health: Lanes.Health, isProbe: Bool, now: MonotonicTime) {
            switch health {
            case .alive where isOpen: self = Model(policy)
            case .alive: results.append(false)
            case .down where !isOpen:
                results.append(true)
                if shouldOpen { (isOpen, until) = (true, now + cooldown) }
            case .down where isProbe && hasProbe:
                cooldown = min(cooldown * 2, policy.maximumCooldown)
                (hasProbe, until) = (false, now + cooldown)
            case .unknown where isOpen && isProbe && hasProbe: (hasProbe, until) = (false, now)
            case .down, .unknown: break
            }
        }

        func permission(_ now: MonotonicTime) -> Circuit.Permission {
            if !isOpen { return .yes }
            if hasProbe { return .no(until: nil) }
            return until <= now ? .yes : .no(until: until)
        }
    }

    @Test func opensAndClosesAsDefined() {
        forAll { random in
            var policy = Circuit.Policy()
            policy.consecutive = random.number(in: 1...9)
            policy.minimum = random.number(in: 1...20)
            policy.share = Double(random.number(in: 1...10)) / 10
            policy.maximumCooldown = .seconds(random.number(in: 1...8))
            var circuit = Circuit(policy)
            var model = Model(policy)
            var now = Self.start
            // In flight, by whether it is the probe.
            var attempts: [Bool] = []
            let failing = Double(random.number(in: 0...10)) / 10
            for _ in 0..<random.number(in: 1...(random.chance(0.02) ? 300 : 30)) {
                now += .milliseconds(random.number(in: 0...900))
                if circuit.permission(now) != model.permission(now) {
                    return "\(circuit.permission(now)), not \(model.permission(now))"
                }
                if circuit.permission(now) == .yes, random.chance(0.6) {
                    circuit.started()
                    attempts.append(model.isOpen)
                    if model.isOpen { model.hasProbe = true }
                } else if !attempts.isEmpty {
                    let isProbe = attempts.remove(at: random.number(in: 0...attempts.count - 1))
                    let health: Lanes.Health =
                        random.chance(0.05) ? .unknown : random.chance(failing) ? .down : .alive
                    switch health {
                    case .alive: circuit.alive()
                    case .down: circuit.down(now, isProbe: isProbe)
                    case .unknown: circuit.abandoned(now, isProbe: isProbe)
                    }
                    // A probe that is still under way when another answer closes the circuit probes nothing any more.
                    if health == .alive, model.isOpen { attempts = attempts.map { _ in false } }
                    model.ended(health, isProbe: isProbe, now: now)
                }
                if circuit.isClosed == model.isOpen || (circuit.openSince == nil) != circuit.isClosed { return "state" }
            }
            return nil
        }
    }

    /// Never more than the burst and what the rate has brought since, and no token is withheld.
    @Test func aTokenBucketKeepsItsRate() {
        forAll { random in
            let rate = Destination.Rate(
                count: random.number(in: 1...50), per: .seconds(random.number(in: 1...3)),
                burst: random.number(in: 1...10))
            var now = Self.start
            var bucket = TokenBucket(rate, now: now)
            let perSecond = Double(rate.count) / (rate.per / .seconds(1))
            var level = Double(rate.burst)
            for _ in 0..<random.size(largest: 200) {
                let step = random.number(in: 0...120)
                now += .milliseconds(step)
                level = min(Double(rate.burst), level + Double(step) / 1_000 * perSecond)
                let isDue = bucket.nextToken <= now
                let isTaken = bucket.take(now)
                if isDue != isTaken { return "nextToken lies" }
                // What is on the edge may go either way.
                if isTaken != (level >= 1), abs(level - 1) > 0.000_001 { return "\(isTaken) with \(level) tokens" }
                if isTaken { level -= 1 }
            }
            return nil
        }
    }

    /// Dead letters of spent records: the burst, a share of the successes, and a free one now and then; no more, no less.
    @Test func aFloodGuardCountsExactly() {
        forAll { random in
            var policy = FloodGuard.Policy()
            policy.burst = random.number(in: 0...5)
            policy.share = Double(random.number(in: 0...10)) / 10
            policy.refill = .seconds(random.number(in: 1...4))
            var now = Self.start
            var guardian = FloodGuard(policy, now: now)
            // In tenths of a token.
            var tokens = policy.burst * 10
            var refillAt = now + policy.refill
            for _ in 0..<random.size(largest: 200) {
                now += .milliseconds(random.number(in: 0...900))
                while refillAt <= now {
                    tokens = min(tokens + 10, policy.burst * 10)
                    refillAt += policy.refill
                }
                if random.chance(0.5) {
                    guardian.succeeded()
                    tokens = min(tokens + Int((policy.share * 10).rounded()), policy.burst * 10)
                } else {
                    let isAdmitted = guardian.admit(now)
                    if isAdmitted != (tokens >= 10) { return "\(isAdmitted) with \(tokens) tenths" }
                    if isAdmitted { tokens -= 10 }
                }
            }
            return nil
        }
    }

    /// The newest ids within number and time, and no others.
    @Test func deliveredIDsAreTheNewest() {
        forAll { random in
            let capacity = random.number(in: 0...6)
            var ids = DeliveredIDs(capacity: capacity, lifetime: .seconds(10))
            var known: [(id: Int, until: MonotonicTime)] = []
            var now = Self.start
            for _ in 0..<random.size(largest: 100) {
                now += .milliseconds(random.number(in: 0...3_000))
                known.removeAll { $0.until <= now }
                let id = random.number(in: 0...9)
                if random.chance(0.5) {
                    ids.insert(DeliveredIDs.Fingerprint("id-\(id)"), now: now)
                    if !known.contains(where: { $0.id == id }) { known.append((id, now + .seconds(10))) }
                    if known.count > capacity { known.removeFirst() }
                } else {
                    let isKnown = known.contains { $0.id == id }
                    if ids.contains(DeliveredIDs.Fingerprint("id-\(id)"), now: now) != isKnown { return "id \(id)" }
                }
                if ids.count > capacity { return "\(ids.count) of \(capacity)" }
            }
            return nil
        }
    }
}
