import Testing

@testable import Transfer

struct CurlMultisTests {
    private let multis: CurlMultis

    init() throws {
        let poller = try #require(EventPoller())
        multis = try #require(CurlMultis(maxConnections: 100, descriptors: 1_024, poller: poller))
    }

    private func enter(host: Int, times: Int) throws -> [CurlMulti] {
        try (0..<times).map { _ in try #require(multis.enter(host: host)) }
    }

    @Test func spreadsOnlyWhatGoesToOneHostAtOnce() throws {
        let few = try enter(host: 5, times: 8)
        #expect(Set(few.map(\.place)) == [5])
        let more = try enter(host: 5, times: 56)
        #expect(Dictionary(grouping: few + more, by: \.place).mapValues(\.count).values.allSatisfy { $0 == 8 })
        // Another host is not disturbed.
        #expect(try enter(host: 6, times: 1).map(\.place) == [6])
    }

    @Test func comesBackToTheLoopWhereTheConnectionIs() throws {
        for _ in 0..<100 {
            let loop = try #require(multis.enter(host: -3))
            #expect(loop === multis.loop(loop.place))
            multis.leave(loop, host: -3)
        }
        let loops = try enter(host: -3, times: 9)
        multis.leave(loops[0], host: -3)
        #expect(try enter(host: -3, times: 1)[0] === loops[0])
    }

    static let limits: [(maxConnections: Int, descriptors: Int, perLoop: Int)] = [
        (2_000, 524_288, 250), (2_000, 8_000, 250), (2_000, 1_024, 32), (2_000, 256, 8), (2_000, 16, 1),
        (100, 1_024, 12), (1, 1_024, 1),
    ]

    /// The usual limit is 1,024 descriptors, of which 16 loops keep 512 at most.
    @Test(arguments: limits)
    func keepsAtMostHalfOfTheDescriptors(maxConnections: Int, descriptors: Int, perLoop: Int) throws {
        let poller = try #require(EventPoller())
        let multis = try #require(
            CurlMultis(maxConnections: maxConnections, descriptors: descriptors, poller: poller))
        #expect(multis.connectionsPerLoop == perLoop)
    }

    @Test func sharesTheLoopsWhereAllAreFull() throws {
        let counts = Dictionary(grouping: try enter(host: 0, times: 16 * 10), by: \.place).mapValues(\.count)
        #expect(counts.count == 16 && counts.values.allSatisfy { $0 == 10 })
    }
}
