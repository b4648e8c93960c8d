import Delivery
import Notifications
import TestKit
import Testing

/// Whatever the settings and the answers: counts are exact, floors are kept, and nothing waits longer than it must.
struct RetryPolicyPropertyTests {
    private static func policy(_ random: inout SeededGenerator) -> RetryPolicy {
        var policy = RetryPolicy()
        policy.maxRetries = random.number(in: 0...12)
        policy.memoryRetries = random.number(in: 0...4)
        policy.memoryBudget = .milliseconds(random.number(in: 0...20_000))
        policy.baseDelay = .milliseconds(random.number(in: 0...2_000))
        policy.isStrict = random.chance(0.3)
        policy.retryAfterCap = .seconds(random.number(in: 1...100_000))
        var tier = Duration.zero
        policy.tiers = []
        for _ in 0..<random.number(in: 1...4) {
            tier += .seconds(random.number(in: 1...600))
            policy.tiers.append(tier)
        }
        return policy
    }

    /// A notification from its first attempt to its dead letter.
    @Test func theWholeWay() {
        forAll { random in
            let policy = Self.policy(&random)
            var progress = RetryPolicy.Progress(made: 0, inMemory: 0, elapsed: .zero, tier: nil)
            while true {
                progress.made += 1
                let after: Duration? = random.chance(0.3) ? .seconds(random.number(in: 0...2_000)) : nil
                let next = policy.next(progress, retryAfter: after, using: &random)
                if let fault = Self.fault(next, progress, after, policy) { return fault }
                switch next {
                case .deadLetter: return nil
                case .memory(let delay):
                    progress.elapsed += delay
                    progress.inMemory += 1
                case .tier(let tier, _):
                    progress = .init(made: progress.made, inMemory: 0, elapsed: .zero, tier: tier)
                }
            }
        }
    }

    private static func fault(
        _ next: RetryPolicy.Next, _ progress: RetryPolicy.Progress, _ after: Duration?, _ policy: RetryPolicy
    ) -> String? {
        let floor = min(after ?? .zero, policy.retryAfterCap)
        let isSpent = progress.made > policy.maxRetries
        switch next {
        case .deadLetter(let reason): return isSpent && reason == .exhausted ? nil : "given up after \(progress.made)"
        case _ where isSpent: return "attempt \(progress.made + 1) of \(policy.maxRetries + 1)"
        case .memory(let delay):
            if delay < floor { return "in \(delay), not \(floor)" }
            if policy.isStrict, progress.inMemory >= policy.memoryRetries || delay >= policy.tiers[0] { return nil }
            if progress.tier != nil { return "in memory after a tier" }
            if progress.inMemory >= policy.memoryRetries { return "\(progress.inMemory) in memory" }
            if progress.elapsed + delay > policy.memoryBudget { return "\(progress.elapsed + delay) in memory" }
            return delay <= max(floor, policy.baseDelay * (1 << progress.inMemory)) ? nil : "jitter of \(delay)"
        case .tier(let tier, let delay):
            if policy.isStrict { return "strict order in a tier" }
            if !policy.tiers.indices.contains(tier) { return "tier \(tier)" }
            if delay < floor || delay < policy.tiers[tier] || delay > max(floor, policy.tiers[tier]) {
                return "due in \(delay), tier of \(policy.tiers[tier]), floor \(floor)"
            }
            guard floor > .zero else {
                let last = policy.tiers.count - 1
                return tier >= min((progress.tier ?? -1) + 1, last) ? nil : "tier \(tier) after \(progress.tier ?? -1)"
            }
            let isCovering = policy.tiers[tier] >= floor || tier == policy.tiers.count - 1
            let isSmallest = tier == 0 || policy.tiers[tier - 1] < floor
            return isCovering && isSmallest ? nil : "tier \(tier) for a floor of \(floor)"
        }
    }

    /// Full jitter: every delay of the range comes, none beyond it.
    @Test func jitterFillsItsRange() {
        var policy = RetryPolicy()
        policy.memoryBudget = .seconds(100)
        var tenths = Set<Int>()
        forAll { random in
            let progress = RetryPolicy.Progress(made: 3, inMemory: 2, elapsed: .zero, tier: nil)
            guard case .memory(let delay) = policy.next(progress, retryAfter: nil, using: &random) else { return "no" }
            tenths.insert(Int(delay / .seconds(2) * 10))
            return delay >= .zero && delay <= .seconds(2) ? nil : "\(delay)"
        }
        #expect(tenths.isSuperset(of: 0...9))
    }
}
