package import Notifications

/// Decides what follows a failed attempt that may succeed later.
///
/// `maxRetries` counts all attempts after the first. Up to `memoryRetries` of them happen in memory within
/// `memoryBudget`, with full jitter; then one per retry topic ("tier"), the last tier again until they are spent.
/// With strict order nothing goes to a retry topic: the lane waits in memory for the tiers' delays.
///
/// A destination's own floor (`Retry-After`) must hold after a restart, too, which knows nothing of what waited in
/// memory. So only one that is over before any restart can be stays there; a longer one travels with the record. With
/// strict order it cannot, as the record stays in its lane: a restart or a rebalance forgets the floor, the attempts and
/// the first failure.
package struct RetryPolicy: Sendable, Equatable {
    package var maxRetries = 8
    package var memoryRetries = 3
    package var memoryBudget: Duration = .seconds(10)
    /// The first in-memory delay is between zero and this; the range doubles every time.
    package var baseDelay: Duration = .milliseconds(500)
    /// The delays of the retry topics, ascending; never empty.
    package var tiers: [Duration] = [.seconds(30), .seconds(300), .seconds(1_800)]
    package var isStrict = false
    /// The longest floor that is waited for in memory: shorter than a restart with a join of the group takes. A static
    /// member joins at once, and so waits for as long before its first attempt.
    package var memoryFloor: Duration = .seconds(2)
    /// A destination cannot ask for more.
    package var retryAfterCap: Duration = .seconds(86_400)
    /// How long a record may wait for a circuit.
    package var maxAge: Duration = .seconds(86_400)

    package init() {}

    /// Where a record stands after an attempt.
    package struct Progress: Sendable, Equatable {
        /// Attempts that counted, this one included.
        package var made: Int
        /// Retries in memory since the record was read.
        package var inMemory: Int
        /// Time since its first attempt after it was read.
        package var elapsed: Duration
        /// The tier that it was read from after failed attempts; `nil` if it was in none or only waited there.
        package var tier: Int?

        package init(made: Int, inMemory: Int, elapsed: Duration, tier: Int?) {
            self.made = made
            self.inMemory = inMemory
            self.elapsed = elapsed
            self.tier = tier
        }
    }

    package enum Next: Sendable, Equatable {
        /// Again in this process, after a delay; the lane waits.
        case memory(Duration)
        /// To a retry topic, due after `delay`, which is at least the tier's own.
        case tier(Int, delay: Duration)
        case deadLetter(DeadLetterClass)
    }

    /// - Parameter retryAfter: the destination's floor; it chooses the smallest tier that covers it.
    package func next(
        _ progress: Progress, retryAfter: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Next {
        let retries = progress.made - 1
        guard retries < maxRetries else { return .deadLetter(.exhausted) }
        let floor = min(retryAfter ?? .zero, retryAfterCap)
        if progress.tier == nil, progress.inMemory < memoryRetries, floor <= memoryFloor || isStrict {
            let delay = max(floor, jitter(progress.inMemory, using: &generator))
            if progress.elapsed + delay <= memoryBudget { return .memory(delay) }
        }
        if isStrict {
            let index = min(max(0, retries - memoryRetries), tiers.count - 1)
            return .memory(max(floor, tiers[index]))
        }
        // One that waited in a short tier meanwhile goes on where its attempts say.
        let following = max((progress.tier ?? -1) + 1, retries - memoryRetries)
        let index = floor > .zero ? tier(covering: floor) : min(following, tiers.count - 1)
        return .tier(index, delay: max(floor, tiers[index]))
    }

    /// The smallest tier that is at least as long as a delay; the last one if none is.
    package func tier(covering delay: Duration) -> Int {
        tiers.firstIndex { $0 >= delay } ?? tiers.count - 1
    }

    private func jitter(_ retry: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        let ceiling = baseDelay * (1 << min(retry, 20))
        return ceiling * Double.random(in: 0...1, using: &generator)
    }
}
