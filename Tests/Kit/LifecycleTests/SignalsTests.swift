import Glibc
import Synchronization
import Testing

@testable import Lifecycle

@Suite struct SignalsTests {
    @Test func theFirstStopsTheSecondLeavesWithItsNumber() async {
        await #expect(processExitsWith: .exitCode(143)) {
            let stopping = Latch()
            let reloading = Latch()
            let signals = Signals.install(onTerminate: { stopping.open() }, onReload: { reloading.open() })
            signals.deliver(SIGHUP)
            guard reloading.wait(timeout: .seconds(30)) else { exit(1) }
            signals.deliver(SIGINT)
            guard stopping.wait(timeout: .seconds(30)) else { exit(2) }
            signals.deliver(SIGTERM)
            _ = Latch().wait(timeout: .seconds(30))
            exit(3)
        }
    }

    @Test func blockedSignalsEndNothing() async {
        await #expect(processExitsWith: .exitCode(7)) {
            Signals.block()
            for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { raise(number) }
            exit(7)
        }
    }
}
