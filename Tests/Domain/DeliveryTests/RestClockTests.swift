import Delivery
import TestKit
import Testing
import Time

struct RestClockTests {
    private let clocks = ManualClock()
    private let start = UnixTime(milliseconds: 1_767_225_600_000)

    private func makeClock() -> RestClock { RestClock(rest: .seconds(30), wall: clocks.now, at: clocks.monotonic) }
    private func read(_ clock: inout RestClock) -> Duration { clock.time(clocks.now, at: clocks.monotonic) - start }

    @Test func aStepForwardCountsOnceEverythingHasRested() {
        var clock = makeClock()
        #expect(read(&clock) == .zero)
        clocks.advance(by: .seconds(10))
        #expect(read(&clock) == .seconds(10))
        clocks.setWall(clocks.now.adding(.hours(1)))
        #expect(read(&clock) == .seconds(10))
        clocks.advance(by: .seconds(29))
        #expect(read(&clock) == .seconds(39))
        clocks.advance(by: .seconds(1))
        #expect(read(&clock) == .seconds(3_640))
    }

    /// Nothing may have been read of a topic yet when the clock steps, but records may rest in it.
    @Test func aStepBeforeTheFirstReadingCounts() {
        var clock = makeClock()
        clocks.advance(by: .seconds(10))
        clocks.setWall(clocks.now.adding(.hours(1)))
        #expect(read(&clock) == .seconds(10))
    }

    @Test func twoStepsAddUp() {
        var clock = makeClock()
        _ = read(&clock)
        for _ in 0..<2 {
            clocks.setWall(clocks.now.adding(.hours(1)))
            clocks.advance(by: .seconds(20))
            #expect(read(&clock) <= .seconds(40))
        }
        clocks.advance(by: .seconds(30))
        #expect(read(&clock) == .seconds(7_270))
    }

    @Test func aStepBackCountsAtOnce() {
        var clock = makeClock()
        _ = read(&clock)
        clocks.setWall(clocks.now.adding(.hours(-1)))
        #expect(read(&clock) == .hours(-1))
        // There and back is no step.
        clocks.setWall(clocks.now.adding(.hours(1)))
        #expect(read(&clock) == .hours(-1))
        clocks.setWall(clocks.now.adding(.hours(-1)))
        #expect(read(&clock) == .hours(-1))
    }

    @Test func slowDriftIsNoStep() {
        var clock = makeClock()
        _ = read(&clock)
        for number in 1...100 {
            clocks.advance(by: .seconds(1))
            clocks.setWall(clocks.now.adding(.milliseconds(1)))
            #expect(read(&clock) == .milliseconds(1_001 * number))
        }
    }
}
