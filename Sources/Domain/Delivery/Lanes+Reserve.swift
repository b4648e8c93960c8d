/// What keeps destinations that hang from having every place of the process.
extension Lanes {
    /// How much of the process a destination has in flight.
    enum Load: Int, CaseIterable, Comparable {
        case nothing, little, much

        static func < (one: Load, other: Load) -> Bool { one.rawValue < other.rawValue }
    }

    /// The last places of the process, which are kept for destinations with little in flight.
    ///
    /// One with a sixteenth of all places in flight takes none of the last quarter, one with anything in flight none of
    /// the last eighth. So where some hang with all they may have, one that works still has places for a sixteenth, and as
    /// many more as an eighth may hang before one that has nothing waits. A process with fewer than four places keeps none.
    struct Reserve {
        private let quarter: Int
        private let eighth: Int
        private let sixteenth: Int

        init(places: Int) {
            quarter = places / 4
            eighth = places / 8
            sixteenth = max(1, places / 16)
        }

        func load(inFlight: Int) -> Load { inFlight == 0 ? .nothing : inFlight < sixteenth ? .little : .much }

        /// The largest load with which a destination may take a place while so many are free.
        func largestLoad(free: Int) -> Load { free > quarter ? .much : free > eighth ? .little : .nothing }
    }

    /// A set of priorities, by their raw values.
    struct Levels {
        private var bits: UInt8 = 0

        /// The levels at which something waits in these queues, one per level.
        init(of queues: [Queue<Int>]) {
            for level in queues.indices where !queues[level].isEmpty { bits |= 1 << level }
        }

        /// The highest of them; `nil` where there is none.
        var highest: Int? { bits == 0 ? nil : UInt8.bitWidth - 1 - bits.leadingZeroBitCount }

        func contains(_ level: Int) -> Bool { bits & 1 << level != 0 }

        mutating func formUnion(_ other: Levels) { bits |= other.bits }
    }

    /// Where a destination is listed with the ready lanes of one level.
    enum Listing: Equatable {
        case nowhere, inTurn
        /// Among those that had this load when their turn came, which was too much.
        case standingBack(Load)
    }

    /// The largest load with which a destination may take the next place. The reserve is for others: there is none while
    /// only one destination is known.
    var largestLoad: Load { sites.count > 1 ? reserve.largestLoad(free: maxInFlight - inFlight) : .much }

    func load(of site: Int) -> Load { reserve.load(inFlight: sites[site].inFlight) }

    /// The levels at which a destination is listed that may have the next place, as far as its load goes.
    func levelsInTurn(upTo largest: Load) -> Levels {
        var levels = Levels(of: turns)
        for load in 0...largest.rawValue { levels.formUnion(Levels(of: standingBack[load])) }
        return levels
    }

    /// Takes the destination whose turn it is at a level. Those that stand back come first, since their turn was earlier.
    mutating func popTurn(_ level: Int, upTo largest: Load) -> Int? {
        var popped: Int?
        for load in 0...largest.rawValue where popped == nil { popped = standingBack[load][level].popFirst() }
        guard let site = popped ?? turns[level].popFirst() else { return nil }
        sites[site].listing[level] = .nowhere
        return site
    }

    /// Lets a destination wait until more places are free, or fewer are its own.
    mutating func standBack(_ site: Int, _ level: Int) {
        let load = load(of: site)
        sites[site].listing[level] = .standingBack(load)
        standingBack[load.rawValue][level].append(site)
    }

    /// Takes a destination off the list of a level. At most as many as have something in flight stand back.
    mutating func unlist(_ site: Int, _ level: Int) {
        switch sites[site].listing[level] {
        case .nowhere: return
        case .inTurn: _ = turns[level].remove { $0 == site }
        case .standingBack(let load): _ = standingBack[load.rawValue][level].remove { $0 == site }
        }
        sites[site].listing[level] = .nowhere
    }
}
