package import Notifications
package import Time

/// Answers one question: which notification may go now, and when to ask again.
///
/// A lane is a destination and a record key. Within a lane one at a time goes, in the order of arrival; lanes of all
/// destinations go at once, bounded per process and per destination. A destination whose circuit is open, whose rate
/// is spent or which has enough in flight is put aside and costs the others nothing. The last places of the process are
/// for destinations with little in flight (`Reserve`), so that those which hang cannot have all. Higher priorities
/// overtake, but every sixteenth turn, of the process and of each destination, belongs to a lower one that waits.
///
/// Notifications are known by a token of the caller: a small non-negative number, used once at a time. A plain value
/// without clock or I/O; not for use by two threads at once.
package struct Lanes {
    /// The effect of an attempt on the destination's circuit.
    package enum Health: Sendable, Equatable {
        case alive, down
        /// It says nothing of the destination that is not known already.
        case unknown
    }

    /// What becomes of a notification after an attempt.
    package enum Fate: Sendable, Equatable {
        /// It leaves the lanes.
        case leaves
        /// It stays at the head of its lane and goes again, not before then.
        case again(MonotonicTime)
    }

    static let passesBeforeTurn = 16
    static let keptItems = 16

    let maxInFlight: Int
    let reserve: Reserve
    let policy: Circuit.Policy
    var sites: [Site] = []
    var siteByKey: [SiteKey: Int] = [:]
    var lanes: [Lane] = []
    var freeLanes: [Int] = []
    var laneByKey: [LaneKey: Int] = [:]
    /// The lane of each token; -1 for none.
    var laneOf: [Int] = []
    /// Per priority, the destinations with ready lanes that are not put aside, in turn.
    var turns = [Queue<Int>](repeating: Queue(), count: Priority.allCases.count)
    /// Those of them whose turn came while only ones with less in flight could have a place: per load, as `turns`.
    var standingBack = [[Queue<Int>]](
        repeating: [Queue<Int>](repeating: Queue(), count: Priority.allCases.count), count: Load.allCases.count)
    /// Of the turns of the process.
    var passes = Passes(levels: Priority.allCases.count)
    var timers = Timers<MonotonicTime>()

    package private(set) var inFlight = 0
    package internal(set) var waiting = 0

    /// - Parameters:
    ///   - maxInFlight: attempts in flight in the process.
    ///   - circuit: the policy of every destination's circuit.
    package init(maxInFlight: Int, circuit: Circuit.Policy = Circuit.Policy()) {
        self.maxInFlight = max(1, maxInFlight)
        reserve = Reserve(places: self.maxInFlight)
        policy = circuit
    }

    package var hasRoom: Bool { inFlight < maxInFlight }

    /// When `next` may have more to give although nothing finishes or arrives.
    package var nextWake: MonotonicTime? { timers.next }

    // MARK: - Coming

    /// A notification arrives.
    ///
    /// - Parameters:
    ///   - key: the record's key; without one it has a lane for itself.
    package mutating func admit(
        _ token: Int, to destination: Destination, key: UnsafeRawBufferPointer?, priority: Priority,
        now: MonotonicTime
    ) {
        let site = site(for: destination, now: now)
        let laneKey = LaneKey(site: site, key: key, token: token)
        let lane = laneByKey[laneKey] ?? makeLane(laneKey, site: site)
        while laneOf.count <= token { laneOf.append(-1) }
        laneOf[token] = lane
        lanes[lane].items.append(Item(token: token, priority: priority.rawValue, since: now))
        waiting += 1
        sites[site].waiting += 1
        if lanes[lane].state == .idle { makeReady(lane) }
    }

    /// A destination's limits changed: what waits for it goes by the new ones at once. Without effect if it is unknown.
    package mutating func relimit(_ destination: Destination, now: MonotonicTime) {
        _ = knownSite(for: destination, now: now)
    }

    /// A waiting notification leaves without an attempt: parked, expired or given up.
    ///
    /// - Returns: `false` if it is in flight or unknown.
    @discardableResult
    package mutating func remove(_ token: Int) -> Bool {
        guard token < laneOf.count, laneOf[token] >= 0 else { return false }
        let lane = laneOf[token]
        if lanes[lane].state == .inFlight, lanes[lane].items.first?.token == token { return false }
        let isHead = lanes[lane].items.first?.token == token
        guard let item = lanes[lane].items.remove(where: { $0.token == token }) else { return false }
        laneOf[token] = -1
        waiting -= 1
        sites[lanes[lane].site].waiting -= 1
        guard isHead else { return true }
        if lanes[lane].state == .ready {
            // It was listed at the priority of its head, which may have been another one's.
            _ = sites[lanes[lane].site].ready[item.priority].remove { $0 == lane }
        }
        // What came after it has nothing to wait for.
        if lanes[lane].items.isEmpty { free(lane) } else { makeReady(lane) }
        return true
    }

    package func isInFlight(_ token: Int) -> Bool {
        guard token < laneOf.count, laneOf[token] >= 0 else { return false }
        // Where it lies: a copy of the lane would be one of its queue's reference, too.
        let lane = laneOf[token]
        return lanes[lane].state == .inFlight && lanes[lane].items.first?.token == token
    }

    /// Whether it is in flight to find out if its destination, whose circuit is open, is back.
    package func isProbe(_ token: Int) -> Bool {
        isInFlight(token) && sites[lanes[laneOf[token]].site].probe == token
    }

    // MARK: - Going

    /// Takes the notification that goes next; it is in flight until `finish`.
    package mutating func next(_ now: MonotonicTime) -> Int? {
        wake(now)
        let largest = largestLoad
        while hasRoom {
            let levels = levelsInTurn(upTo: largest)
            guard let level = chooseLevel(of: levels) else { return nil }
            guard let site = popTurn(level, upTo: largest) else { continue }
            guard sites[site].admits(now) else {
                setAside(site, now)
                continue
            }
            guard load(of: site) <= largest else {
                standBack(site, level)
                continue
            }
            guard let lane = takeReady(site, level, of: levels) else { continue }
            putInTurn(site)
            return start(lane, now)
        }
        return nil
    }

    /// An attempt ended.
    package mutating func finish(
        _ token: Int, _ fate: Fate, health: Health, now: MonotonicTime
    ) {
        guard isInFlight(token) else { return }
        let lane = laneOf[token]
        let site = lanes[lane].site
        inFlight -= 1
        sites[site].finished(token, health, now)
        switch fate {
        case .leaves:
            _ = lanes[lane].items.popFirst()
            laneOf[token] = -1
            if lanes[lane].items.isEmpty { free(lane) } else { makeReady(lane) }
        case .again(let instant):
            waiting += 1
            sites[site].waiting += 1
            if instant <= now {
                makeReady(lane)
            } else {
                lanes[lane].state = .backoff(until: instant)
                timers.add(lane << 1, at: instant)
            }
        }
        putInTurn(site)
    }

    /// The circuit of a destination, for metrics.
    package func circuitState(of name: String) -> Circuit.State? {
        siteByKey[SiteKey(name: name)].map { sites[$0].circuit.state }
    }

    /// The names of all destinations with a circuit that were seen.
    package var destinations: [String] { sites.lazy.filter { !$0.limits.hasOwnAddress }.map(\.name) }

    private mutating func start(_ lane: Int, _ now: MonotonicTime) -> Int? {
        guard let item = lanes[lane].items.first else { return nil }
        lanes[lane].state = .inFlight
        inFlight += 1
        waiting -= 1
        sites[lanes[lane].site].started(item.token, now)
        return item.token
    }
}
