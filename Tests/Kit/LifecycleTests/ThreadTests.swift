import Lifecycle
import Synchronization
import Testing

@Suite struct ThreadTests {
    @Test func joinWaitsForTheBodyAndMayBeRepeated() {
        let latch = Latch()
        let isDone = Mutex(false)
        let thread = OSThread(name: "a name longer than fifteen bytes") {
            latch.wait()
            isDone.withLock { $0 = true }
        }
        latch.open()
        thread.join()
        thread.join()
        #expect(isDone.withLock { $0 })
    }

    @Test func latchIsClosedUntilItOpens() {
        let latch = Latch()
        #expect(!latch.wait(timeout: .milliseconds(1)))
        #expect(!latch.isOpen)
        latch.open()
        latch.open()
        #expect(latch.wait(timeout: .zero))
        #expect(latch.isOpen)
    }
}
