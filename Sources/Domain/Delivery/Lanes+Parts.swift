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
        var hasOwnAddress = false
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

        /// Counts for each lower level that waits in these queues, one per level.
        ///
        /// - Returns: the first of them that was passed over too often, if any: the turn is due to it.
        mutating func passOver(below level: Int, in queues: [Queue<Int>]) -> Int? {
            for lower in 0..<level where !queues[lower].isEmpty { counts[lower] += 1 }
            return (0..<level).first { !queues[$0].isEmpty && counts[$0] >= Lanes.passesBeforeTurn }
        }

        mutating func goes(_ level: Int) { counts[level] = 0 }
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
        var isInTurn: [Bool]
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
            isInTurn = [Bool](repeating: false, count: levels)
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
        let key = SiteKey(name: destination.name, hasOwnAddress: destination.hasOwnAddress)
        if let site = siteByKey[key] {
            if sites[site].limits != destination { relimit(site, destination, now) }
            return site
        }
        let site = sites.count
        let policy = destination.hasOwnAddress ? Circuit.Policy.neverOpens : policy
        sites.append(Site(destination, circuit: policy, levels: turns.count, now: now))
        siteByKey[key] = site
        return site
    }

    /// Takes over limits that changed, for instance after a reload.
    private mutating func relimit(_ site: Int, _ destination: Destination, _ now: MonotonicTime) {
        if sites[site].limits.rate != destination.rate {
            sites[site].bucket = destination.rate.map { TokenBucket($0, now: now) }
        }
        sites[site].limits = destination
        putInTurn(site)
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
    mutating func takeReady(_ site: Int, _ level: Int) -> Int? {
        guard !sites[site].ready[level].isEmpty else { return nil }
        var chosen = level
        let overdue = sites[site].passes.passOver(below: level, in: sites[site].ready)
        if let overdue, turns[(level + 1)...].allSatisfy(\.isEmpty) { chosen = overdue }
        sites[site].passes.goes(chosen)
        passes.goes(chosen)
        defer { if sites[site].ready[chosen].isEmpty { takeOutOfTurn(site, chosen) } }
        return sites[site].ready[chosen].popFirst()
    }

    // MARK: - Turns

    /// The highest level with a turn, unless a lower one was passed over too often.
    mutating func chooseLevel() -> Int? {
        guard let highest = turns.indices.last(where: { !turns[$0].isEmpty }) else { return nil }
        let chosen = passes.passOver(below: highest, in: turns) ?? highest
        passes.goes(chosen)
        return chosen
    }

    /// Lists a destination at every level at which it has ready lanes.
    mutating func putInTurn(_ site: Int) {
        for level in turns.indices where !sites[site].isInTurn[level] && !sites[site].ready[level].isEmpty {
            sites[site].isInTurn[level] = true
            turns[level].append(site)
        }
    }

    /// Where nothing is left of a level, its next turn is another destination's.
    private mutating func takeOutOfTurn(_ site: Int, _ level: Int) {
        guard sites[site].isInTurn[level] else { return }
        sites[site].isInTurn[level] = false
        _ = turns[level].remove { $0 == site }
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
