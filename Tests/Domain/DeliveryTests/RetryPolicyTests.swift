import Delivery
import Notifications
import TestKit
import Testing

struct RetryPolicyTests {
    /// Attempts 1 to 4 in memory, then one per tier, the last one again, until eight retries are spent.
    @Test func theWholeWayToTheDeadLetter() {
        let policy = RetryPolicy()
        var random = SeededGenerator(seed: 1)
        var steps: [String] = []
        var progress = RetryPolicy.Progress(made: 0, inMemory: 0, elapsed: .zero, tier: nil)
        for _ in 0..<20 {
            progress.made += 1
            switch policy.next(progress, retryAfter: nil, using: &random) {
            case .memory(let delay):
                steps.append("memory")
                progress.elapsed += delay
                progress.inMemory += 1
            case .tier(let tier, let delay):
                steps.append("\(tier):\(delay.components.seconds)")
                progress = .init(made: progress.made, inMemory: 0, elapsed: .zero, tier: tier)
            case .deadLetter(let reason):
                steps.append(reason.rawValue)
            }
            if steps.last == "exhausted" { break }
        }
        #expect(
            steps == [
                "memory", "memory", "memory", "0:30", "1:300", "2:1800", "2:1800", "2:1800", "exhausted",
            ])
        #expect(progress.made == 9)
    }

    /// Waiting in the shortest tier, for a circuit or for room, takes nothing from what follows.
    @Test func aWaitChangesNothing() {
        let policy = RetryPolicy()
        var random = SeededGenerator(seed: 7)
        let late = RetryPolicy.Progress(made: 6, inMemory: 0, elapsed: .zero, tier: 0)
        #expect(policy.next(late, retryAfter: nil, using: &random) == .tier(2, delay: .seconds(1_800)))
        // Its time in memory was over early: the tiers still come one after the other.
        let early = RetryPolicy.Progress(made: 2, inMemory: 0, elapsed: .zero, tier: 0)
        #expect(policy.next(early, retryAfter: nil, using: &random) == .tier(1, delay: .seconds(300)))
    }

    struct Case: Sendable {
        let after: Int
        let tier: Int?
        let expected: RetryPolicy.Next
    }

    /// The floor chooses the smallest tier that covers it; what none covers goes to the last one, due at the floor.
    static let floors: [Case] = [
        Case(after: 20, tier: nil, expected: .tier(0, delay: .seconds(30))),
        Case(after: 31, tier: nil, expected: .tier(1, delay: .seconds(300))),
        Case(after: 301, tier: 0, expected: .tier(2, delay: .seconds(1_800))),
        Case(after: 20, tier: 1, expected: .tier(0, delay: .seconds(30))),
        Case(after: 7_200, tier: nil, expected: .tier(2, delay: .seconds(7_200))),
        Case(after: 900_000, tier: nil, expected: .tier(2, delay: .seconds(86_400))),
    ]

    @Test(arguments: floors) func retryAfterIsAFloor(_ sample: Case) {
        var random = SeededGenerator(seed: 3)
        let progress = RetryPolicy.Progress(made: 1, inMemory: 0, elapsed: .zero, tier: sample.tier)
        let next = RetryPolicy().next(progress, retryAfter: .seconds(sample.after), using: &random)
        #expect(next == sample.expected)
    }

    @Test func aShortFloorIsWaitedForInMemory() {
        var random = SeededGenerator(seed: 4)
        let progress = RetryPolicy.Progress(made: 1, inMemory: 0, elapsed: .zero, tier: nil)
        let next = [2, 3].map { RetryPolicy().next(progress, retryAfter: .seconds($0), using: &random) }
        // A longer one must be known after a restart.
        #expect(next == [.memory(.seconds(2)), .tier(0, delay: .seconds(30))])
    }

    @Test func strictOrderNeverLeavesMemory() {
        var policy = RetryPolicy()
        policy.isStrict = true
        var random = SeededGenerator(seed: 5)
        var delays: [Duration] = []
        for made in 1...9 {
            let progress = RetryPolicy.Progress(
                made: made, inMemory: made - 1, elapsed: .seconds(made), tier: nil)
            if case .memory(let delay) = policy.next(progress, retryAfter: nil, using: &random) { delays.append(delay) }
        }
        #expect(delays.count == 8)
        #expect(delays.suffix(5) == [30, 300, 1_800, 1_800, 1_800].map { .seconds($0) })
    }

    @Test func noRetriesAtAll() {
        var policy = RetryPolicy()
        policy.maxRetries = 0
        var random = SeededGenerator(seed: 6)
        let progress = RetryPolicy.Progress(made: 1, inMemory: 0, elapsed: .zero, tier: nil)
        #expect(policy.next(progress, retryAfter: nil, using: &random) == .deadLetter(.exhausted))
    }
}
