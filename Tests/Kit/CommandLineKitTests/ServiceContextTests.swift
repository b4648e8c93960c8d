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

    /// A signal that comes during the start counts: of several ones the last.
    @Test func aListenerHearsOfTheLastReloadBeforeItAndOfEachAfter() {
        let context = ServiceContext<Int>(process: ProcessSettings(serviceName: "x"))
        let seen = Mutex<[Int]>([])
        context.reload(1)
        context.reload(2)
        context.onReload { value in seen.withLock { $0.append(value) } }
        #expect(seen.withLock { $0 } == [2])
        context.reload(3)
        context.reload(4)
        #expect(seen.withLock { $0 } == [2, 3, 4])
    }

    @Test func aListenerHearsNothingWithoutAReload() {
        let context = ServiceContext<Int>(process: ProcessSettings(serviceName: "x"))
        context.onReload { _ in Issue.record("nothing was reloaded") }
    }
}
