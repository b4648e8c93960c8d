import Time

/// libcurl's loops of the transfer thread, made as they are needed.
///
/// For each request libcurl looks through its connections to the host until it finds a free one. With 64 of them that is
/// more work than all the rest, so many requests to one host are spread over several loops, a few to each; a host that
/// has few at once keeps to one, where its connection is. Owned by one thread.
final class CurlMultis {
    /// Transfers to one host in one loop, as long as there are more loops.
    private static let transfersPerHost = 8
    private static let mostLoops = 16

    /// The transfers to one host that are at work, by loop.
    private final class Load {
        var counts = [Int](repeating: 0, count: mostLoops)
        var total = 0
    }

    let share: CurlShare
    private let poller: EventPoller
    /// Connections that each loop keeps, idle ones included.
    let connectionsPerLoop: Int
    private var loops: [CurlMulti?] = Array(repeating: nil, count: mostLoops)
    private var loads: [Int: Load] = [:]

    /// nil where memory or descriptors are short.
    ///
    /// - Parameter descriptors: how many the process may have; the other half stays for Kafka, for the operations port,
    ///   and for connections that are not kept.
    init?(maxConnections: Int, descriptors: Int, poller: EventPoller) {
        guard let share = CurlShare() else { return nil }
        self.share = share
        self.poller = poller
        // Hosts do not spread evenly: twice a loop's part.
        connectionsPerLoop = max(1, min(maxConnections * 2, descriptors / 2) / Self.mostLoops)
    }

    /// Where the next transfer to a host goes, which takes a place there until ``leave(_:host:)``; nil where memory is
    /// short.
    ///
    /// - Parameter host: a number that stands for the host and its port.
    func enter(host: Int) -> CurlMulti? {
        let load = loads[host] ?? Load()
        let start = Int(UInt(bitPattern: host) % UInt(Self.mostLoops))
        let places = (0..<Self.mostLoops).lazy.map { (start + $0) % Self.mostLoops }
        let free = places.first { load.counts[$0] < Self.transfersPerHost }
        guard let place = free ?? places.min(by: { load.counts[$0] < load.counts[$1] }), let loop = loop(place) else {
            return nil
        }
        loads[host] = load
        load.counts[place] += 1
        load.total += 1
        return loop
    }

    func leave(_ loop: CurlMulti, host: Int) {
        guard let load = loads[host] else { return }
        load.counts[loop.place] -= 1
        load.total -= 1
        if load.total == 0 { loads[host] = nil }
    }

    /// The loop at a place, which is made where there is none yet; nil where memory is short.
    func loop(_ place: Int) -> CurlMulti? {
        if let loop = loops[place] { return loop }
        loops[place] = CurlMulti(place: place, maxConnections: connectionsPerLoop, poller: poller)
        return loops[place]
    }

    // MARK: - One round

    /// Lets libcurl go on with a socket.
    func handle(_ socket: Int32, of place: Int, _ event: EventPoller.Event) { loops[place]?.handle(socket, event) }

    /// Begins what was added and looks after the time, then tells the transfers that ended.
    func advance() {
        for case let loop? in loops { loop.advance() }
    }

    /// How long the thread may sleep, at most so many milliseconds.
    func patience(_ milliseconds: Int32) -> Int32 {
        loops.reduce(milliseconds) { min($0, $1?.patience($0) ?? $0) }
    }
}
