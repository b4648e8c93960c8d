import CommandLineKit
import Lifecycle
import Synchronization
import Testing

@Suite struct ServiceContextTests {
    @Test func theStopReachesEarlyAndLateListenersOnce() {
        let context = ServiceContext<Int>(process: ProcessSettings(serviceName: "x"))
        let calls = Mutex<[String]>([])
        context.onStop { calls.withLock { $0.append("early") } }
        #expect(!context.stop.isOpen)
        context.requestStop()
        context.requestStop()
        #expect(context.stop.isOpen)
        context.onStop { calls.withLock { $0.append("late") } }
        #expect(calls.withLock { $0 } == ["early", "late"])
    }

    @Test func aReloadNeedsAListener() {
        let context = ServiceContext<Int>(process: ProcessSettings(serviceName: "x"))
        let latest = Mutex(0)
        #expect(!context.reload(1))
        context.onReload { value in latest.withLock { $0 = value } }
        #expect(context.reload(2))
        #expect(latest.withLock { $0 } == 2)
    }
}
