package import Time

/// Stops sending to a destination that is down, and finds out with single probes when it is back.
///
/// Closed until failures that mean "down" come in a row, or make up a share of the last 64 results. Then open for a
/// cooldown that doubles with every failed probe; after it, one attempt at a time goes through (half-open) and
/// decides. Any answer that is not "down" closes it: a destination that refuses a notification is up.
package struct Circuit: Sendable {
    /// When it opens and for how long.
    package struct Policy: Sendable, Equatable {
        /// Failures in a row that open it.
        package var consecutive = 8
        /// The share of failures among the last results that opens it, once there are `minimum` of them.
        package var share = 0.5
        package var minimum = 20
        package var cooldown: Duration = .seconds(1)
        package var maximumCooldown: Duration = .seconds(30)

        package init() {}

        /// For what no failure may stop.
        static let neverOpens: Policy = {
            var policy = Policy()
            policy.consecutive = .max
            policy.share = .infinity
            return policy
        }()
    }

    package enum State: Sendable, Equatable {
        case closed
        case open(until: MonotonicTime)
        /// A probe is in flight.
        case halfOpen
    }

    package enum Permission: Sendable, Equatable {
        case yes
        /// Not before then; `nil` while a probe is in flight.
        case no(until: MonotonicTime?)
    }

    package private(set) var state: State = .closed
    /// When it opened last; `nil` while closed.
    package private(set) var openSince: MonotonicTime?
    private let policy: Policy
    private var consecutive = 0
    /// The last results, newest in bit 0, a set bit for a failure; `known` of them are real.
    private var history: UInt64 = 0
    private var known = 0
    private var cooldown: Duration

    package init(_ policy: Policy = Policy()) {
        self.policy = policy
        cooldown = policy.cooldown
    }

    package var isClosed: Bool { state == .closed }

    /// Whether an attempt may start.
    package func permission(_ now: MonotonicTime) -> Permission {
        switch state {
        case .closed: .yes
        case .open(let until): until <= now ? .yes : .no(until: until)
        case .halfOpen: .no(until: nil)
        }
    }

    /// An attempt starts that `permission` allowed; out of an open circuit it is the probe.
    package mutating func started() {
        if case .open = state { state = .halfOpen }
    }

    /// The destination answered, whatever it said.
    package mutating func alive() {
        if state == .closed {
            consecutive = 0
            record(failure: false)
        } else {
            // Also a late answer from before: it is up.
            self = Circuit(policy)
        }
    }

    /// An attempt failed in a way that means "down".
    ///
    /// - Parameter isProbe: it is the one that was let out of the open circuit.
    package mutating func down(_ now: MonotonicTime, isProbe: Bool = false) {
        switch state {
        case .closed:
            consecutive += 1
            record(failure: true)
            guard shouldOpen else { return }
            state = .open(until: now + cooldown)
            openSince = now
        case .halfOpen where isProbe:
            cooldown = min(cooldown * 2, policy.maximumCooldown)
            state = .open(until: now + cooldown)
        case .halfOpen, .open:
            // Attempts from before it opened say nothing new.
            break
        }
    }

    /// An attempt that started never reached the destination; a probe may go again at once.
    package mutating func abandoned(_ now: MonotonicTime, isProbe: Bool = false) {
        if isProbe, state == .halfOpen { state = .open(until: now) }
    }

    private var shouldOpen: Bool {
        if consecutive >= policy.consecutive { return true }
        return known >= policy.minimum && Double(history.nonzeroBitCount) >= policy.share * Double(known)
    }

    private mutating func record(failure: Bool) {
        history = history << 1 | (failure ? 1 : 0)
        known = min(known + 1, 64)
    }
}
