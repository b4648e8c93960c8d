import Lifecycle
import Testing

@Suite struct WatchdogTests {
    @Test func expiresWithoutBeats() {
        let expired = Latch()
        let watchdog = Watchdog(name: "loop", limit: .milliseconds(400)) { expired.open() }
        #expect(watchdog.isProgressing)
        #expect(expired.wait(timeout: .seconds(30)))
        #expect(!watchdog.isProgressing)
        watchdog.beat()
        #expect(watchdog.isProgressing)
    }

    @Test func aStoppedOneNeverExpires() {
        let expired = Latch()
        let watchdog = Watchdog(name: "loop", limit: .milliseconds(20)) { expired.open() }
        watchdog.stop()
        let wasExpired = expired.isOpen
        #expect(expired.wait(timeout: .milliseconds(60)) == wasExpired)
    }

    @Test func leavesWith70() async {
        await #expect(processExitsWith: .exitCode(70)) {
            let watchdog = Watchdog(name: "loop", limit: .milliseconds(20))
            Latch().wait(timeout: .seconds(30))
            watchdog.stop()
        }
    }
}
