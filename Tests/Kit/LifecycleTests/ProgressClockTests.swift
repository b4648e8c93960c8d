import Lifecycle
import Testing

struct ProgressClockTests {
    @Test func workWaitsSinceNothingWasFinished() {
        let clock = ProgressClock()
        let start = ContinuousClock.now
        #expect(clock.waited(start + .seconds(9)) == .zero)
        clock.workWaits(start)
        clock.workWaits(start + .seconds(5))
        #expect(clock.waited(start + .seconds(9)) == .seconds(9))
        clock.advance()
        #expect(clock.waited(start + .seconds(9)) == .zero)
        clock.workWaits(start + .seconds(9))
        #expect(clock.waited(start + .seconds(10)) == .seconds(1))
    }
}
