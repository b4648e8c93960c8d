package import Time

extension Lanes {
    /// Starts no attempt at a destination before an instant; a later one that was asked for stays.
    package mutating func hold(_ name: String, until instant: MonotonicTime) {
        guard let site = siteByKey[SiteKey(name: name)] else { return }
        sites[site].heldUntil = sites[site].heldUntil.map { max($0, instant) } ?? instant
    }

    /// The waiting notifications that an open circuit has held for longer than `limit`, except one for each
    /// destination, which stays as the next probe. Those that wait between two attempts in memory count, too.
    package func held(longerThan limit: Duration, now: MonotonicTime) -> [Int] {
        guard sites.contains(where: { !$0.circuit.isClosed }) else { return [] }
        var held: [(item: Item, site: Int)] = []
        for lane in lanes where lane.state != .idle && sites[lane.site].circuit.openSince != nil {
            for index in 0..<lane.items.count where index > 0 || lane.state != .inFlight {
                if let item = lane.items[index] { held.append((item, lane.site)) }
            }
        }
        var probes = [Item?](repeating: nil, count: sites.count)
        for (item, site) in held where probes[site].map({ item.goesBefore($0) }) ?? true { probes[site] = item }
        return held.compactMap { item, site in
            guard item.token != probes[site]?.token, let openSince = sites[site].circuit.openSince,
                max(item.since, openSince) + limit <= now
            else { return nil }
            return item.token
        }
    }

    /// What a slow destination should give up so that others go on, when the caller can take no more records.
    ///
    /// Only if one destination has most of what waits while another, which worked within the last ten seconds, has
    /// nothing to do: half of the slow one's waiting notifications, oldest lanes first. Else nothing: where all are
    /// busy, waiting is right.
    package func crowding(_ now: MonotonicTime) -> [Int] {
        guard let slow = sites.indices.max(by: { sites[$0].waiting < sites[$1].waiting }),
            sites[slow].waiting * 2 > waiting,
            sites.contains(where: { site in
                guard site.waiting == 0, site.inFlight < site.limits.maxInFlight, let alive = site.lastAlive else {
                    return false
                }
                return alive + .seconds(10) > now
            })
        else { return [] }
        var tokens: [Int] = []
        let wanted = (sites[slow].waiting + 1) / 2
        for lane in lanes where lane.site == slow && lane.state != .idle && tokens.count < wanted {
            for index in 0..<lane.items.count where index > 0 || lane.state != .inFlight {
                if let item = lane.items[index] { tokens.append(item.token) }
            }
        }
        return tokens
    }

    /// What slow destinations should give up when the caller can take no more records, so that one that was quiet is
    /// heard: of each destination whose oldest notification has waited for longer than `limit`, the newest ones, until
    /// all of these destinations together keep no more than `room`.
    package func overdue(longerThan limit: Duration, keeping room: Int, now: MonotonicTime) -> [Int] {
        var waiting = [[Item]](repeating: [], count: sites.count)
        for lane in lanes where lane.state != .idle {
            for index in 0..<lane.items.count where index > 0 || lane.state != .inFlight {
                if let item = lane.items[index] { waiting[lane.site].append(item) }
            }
        }
        let slow = waiting.filter { items in items.contains { $0.since + limit <= now } }
        guard !slow.isEmpty else { return [] }
        return slow.flatMap { items in
            items.sorted { $0.since < $1.since }.dropFirst(room / slow.count).map(\.token)
        }
    }
}
