internal import Time

/// The parts that `Lanes` is made of.
extension Lanes {
    struct Item {
        let token: Int
        let priority: Int
        /// When it arrived.
        let since: MonotonicTime

        /// Whether its turn comes first, where one destination has both. One that kept its place as the next probe
        /// although others go before it would wait for as long as those keep coming.
        func goesBefore(_ other: Item) -> Bool {
            priority == other.priority ? since < other.since : priority > other.priority
        }
    }

    struct Lane {
        enum State: Equatable {
            case idle
            /// Listed in its destination's `ready`.
            case ready
            case inFlight
            case backoff(until: MonotonicTime)
        }

        var key: LaneKey
        var site: Int
        var state: State = .idle
        var items = Queue<Item>()
    }

    /// An endpoint, or what only borrows its name and limits.
    struct SiteKey: Hashable {
        let name: String
        let hasOwnAddress: Bool

        /// An endpoint's own.
        init(name: String) {
            self.name = name
            hasOwnAddress = false
        }

        init(_ destination: Destination) {
            name = destination.name
            hasOwnAddress = destination.hasOwnAddress
        }
    }

    struct LaneKey: Hashable {
        let site: Int
        let hash: Int

        /// Keys with the same hash share a lane, which costs them concurrency and nothing else.
        init(site: Int, key: UnsafeRawBufferPointer?, token: Int) {
            self.site = site
            var hasher = Hasher()
            hasher.combine(site)
            if let key { hasher.combine(bytes: key) } else { hasher.combine(token) }
            hash = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    /// How often each level was passed over since its own last turn.
    struct Passes {
        private var counts: [Int]

        init(levels: Int) { counts = [Int](repeating: 0, count: levels) }

        /// The first of the lower levels that wait to which a turn is due, because it was passed over too often.
        func due(below level: Int, of waiting: Levels) -> Int? {
            (0..<level).first { waiting.contains($0) && counts[$0] + 1 >= Lanes.passesBeforeTurn }
        }

        /// A turn was a level's; the others that wait below the highest one were passed over. What only had its turn,
        /// and could not go, must not count: it would take away what is due to another.
        mutating func went(_ level: Int, below highest: Int, of waiting: Levels) {
            for lower in 0..<highest where waiting.contains(lower) { counts[lower] += 1 }
            counts[level] = 0
        }
    }

    /// A destination.
    struct Site {
        let name: String
        var limits: Destination
        var circuit: Circuit
        var bucket: TokenBucket?
        var inFlight = 0
        var waiting = 0
        var lastAlive: MonotonicTime?
        /// Its attempt out of an open circuit, while that is in flight.
        var probe: Int?
        /// It asked for nothing before then.
        var heldUntil: MonotonicTime?
        /// Lanes whose head may go, per priority of the head.
        var ready: [Queue<Int>]
        /// Per level.
        var listing: [Listing]
        /// Of this destination's attempts.
        var passes: Passes
        /// The earliest timer that is set for it.
        var wakeAt: MonotonicTime?

        init(_ destination: Destination, circuit: Circuit.Policy, levels: Int, now: MonotonicTime) {
            name = destination.name
            limits = destination
            self.circuit = Circuit(circuit)
            bucket = destination.rate.map { TokenBucket($0, now: now) }
            ready = [Queue<Int>](repeating: Queue(), count: levels)
            listing = [Listing](repeating: .nowhere, count: levels)
            passes = Passes(levels: levels)
        }

        /// Whether an attempt may start now.
        func admits(_ now: MonotonicTime) -> Bool {
            guard inFlight < limits.maxInFlight, circuit.permission(now) == .yes else { return false }
            return paceOpensAt.map { $0 <= now } ?? true
        }

        /// When its rate and its own wish let the next attempt start; `nil` for at once.
        private var paceOpensAt: MonotonicTime? {
            guard let heldUntil else { return bucket?.nextToken }
            return max(heldUntil, bucket?.nextToken ?? heldUntil)
        }

        /// When time alone will let an attempt start; `nil` if something must finish first.
        func opensAt(_ now: MonotonicTime) -> MonotonicTime? {
            guard inFlight < limits.maxInFlight else { return nil }
            switch circuit.permission(now) {
            case .yes: return paceOpensAt
            case .no(let until): return until
            }
        }

        mutating func started(_ token: Int, _ now: MonotonicTime) {
            inFlight += 1
            waiting -= 1
            if !circuit.isClosed { probe = token }
            circuit.started()
            _ = bucket?.take(now)
        }

        mutating func finished(_ token: Int, _ health: Health, _ now: MonotonicTime) {
            inFlight -= 1
            let isProbe = probe == token
            if isProbe { probe = nil }
            switch health {
            case .alive:
                lastAlive = now
                circuit.alive()
            case .down: circuit.down(now, isProbe: isProbe)
            case .unknown: circuit.abandoned(now, isProbe: isProbe)
            }
        }
    }
}

extension Lanes {
    // MARK: - Destinations and lanes

    mutating func site(for destination: Destination, now: MonotonicTime) -> Int {
        if let site = knownSite(for: destination, now: now) { return site }
        let site = sites.count
        let policy = destination.hasOwnAddress ? Circuit.Policy.neverOpens : policy
        sites.append(Site(destination, circuit: policy, levels: turns.count, now: now))
        siteByKey[SiteKey(destination)] = site
        return site
    }

    /// The destination with limits taken over that changed, for instance after a reload; `nil` for one that is new.
    mutating func knownSite(for destination: Destination, now: MonotonicTime) -> Int? {
        guard let site = siteByKey[SiteKey(destination)] else { return nil }
        guard sites[site].limits != destination else { return site }
        if sites[site].limits.rate != destination.rate {
            sites[site].bucket = destination.rate.map { TokenBucket($0, now: now) }
        }
        sites[site].limits = destination
        putInTurn(site)
        return site
    }

    mutating func makeLane(_ key: LaneKey, site: Int) -> Int {
        let lane: Int
        if let free = freeLanes.popLast() {
            lanes[free].key = key
            lanes[free].site = site
            lane = free
        } else {
            lane = lanes.count
            lanes.append(Lane(key: key, site: site))
        }
        laneByKey[key] = lane
        return lane
    }

    mutating func free(_ lane: Int) {
        laneByKey[lanes[lane].key] = nil
        lanes[lane].state = .idle
        // The next user finds the memory of a short queue; that of a long one is not kept.
        if lanes[lane].items.capacity > Self.keptItems { lanes[lane].items = Queue() }
        freeLanes.append(lane)
    }

    mutating func makeReady(_ lane: Int) {
        guard let head = lanes[lane].items.first else { return }
        let site = lanes[lane].site
        lanes[lane].state = .ready
        sites[site].ready[head.priority].append(lane)
        putInTurn(site)
    }

    /// Takes a lane of a level with a head that may go. A turn of the highest level goes to a lower one that was overtaken
    /// too often at this destination: where its own limits are what is short, the turns of the process do not reach those.
    ///
    /// - Parameter levels: those that had a turn, this one among them.
    mutating func takeReady(_ site: Int, _ level: Int, of levels: Levels) -> Int? {
        let waiting = Levels(of: sites[site].ready)
        guard waiting.contains(level), let highest = levels.highest else { return nil }
        var chosen = level
        if level == highest, let due = sites[site].passes.due(below: level, of: waiting) { chosen = due }
        sites[site].passes.went(chosen, below: level, of: waiting)
        passes.went(chosen, below: highest, of: levels)
        // Where nothing is left of a level, its next turn is another destination's.
        defer { if sites[site].ready[chosen].isEmpty { unlist(site, chosen) } }
        return sites[site].ready[chosen].popFirst()
    }

    // MARK: - Turns

    /// The highest of the levels with a turn, unless a lower one was passed over too often.
    func chooseLevel(of levels: Levels) -> Int? {
        levels.highest.map { passes.due(below: $0, of: levels) ?? $0 }
    }

    /// Lists a destination at every level at which it has ready lanes. One that stands back keeps its place there until
    /// it has less in flight.
    mutating func putInTurn(_ site: Int) {
        let load = load(of: site)
        for level in turns.indices where !sites[site].ready[level].isEmpty {
            switch sites[site].listing[level] {
            case .inTurn: continue
            case .standingBack(let former) where former <= load: continue
            case .standingBack: unlist(site, level)
            case .nowhere: break
            }
            sites[site].listing[level] = .inTurn
            turns[level].append(site)
        }
    }

    /// Wakes a destination that cannot take more when time lets it; else its next finished attempt does.
    mutating func setAside(_ site: Int, _ now: MonotonicTime) {
        guard let instant = sites[site].opensAt(now) else { return }
        if let wakeAt = sites[site].wakeAt, wakeAt <= instant { return }
        sites[site].wakeAt = instant
        timers.add(site << 1 | 1, at: instant)
    }

    mutating func wake(_ now: MonotonicTime) {
        while let due = timers.popDue(now) {
            let index = due >> 1
            if due & 1 == 1 {
                sites[index].wakeAt = nil
                putInTurn(index)
            } else if case .backoff(let until) = lanes[index].state, until <= now {
                makeReady(index)
            }
        }
    }
}
