import Delivery
import Kafka
import Lifecycle
import Synchronization
import Testing

@testable import DeliveryEngine

/// What the health endpoints say of a consumer that runs.
struct ConsumerHealthTests {
    @Test func itIsReadyOnceAssignedAndNotWhileDraining() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        let running = harness.start()
        try eventually({ running.readiness == "ok" })
        #expect(running.liveness == "ok")
        running.stop.open()
        #expect(running.readiness == "stopping")
        #expect(running.end() == .ok)
    }

    /// The loop goes round, but the transfers never end: that is no life.
    @Test func attemptsThatNeverEndAreNoProgress() throws {
        let harness = try ConsumerHarness { id, _ in id == "hangs" ? nil : 200 }
        let running = harness.start {
            $0.stallLimit = .milliseconds(500)
            $0.channel = FakeChannel(timeout: .milliseconds(100))
        }
        try harness.notify("fine", key: "a")
        try eventually({ running.metric("notifications_total") == 1 })
        #expect(running.liveness == "ok")
        try harness.notify("hangs", key: "b")
        try eventually({ running.liveness?.contains("nothing of it ended") == true })
        // Whatever else ends is progress.
        try harness.notify("another", key: "c")
        try eventually({ running.liveness == "ok" })
        #expect(running.end() == .ok)
    }

    /// It uses up no attempts, but only a new process gets rid of descriptors that leak.
    @Test func aShortageOfDescriptorsIsNoProgress() throws {
        let isShort = Mutex(true)
        let harness = try ConsumerHarness { id, _ in
            id == "waits" && isShort.withLock { $0 } ? ScriptedTransfer.noDescriptor : 200
        }
        harness.settings.retry.maxRetries = 1
        let running = harness.start {
            $0.stallLimit = .milliseconds(500)
            $0.channel = FakeChannel(timeout: .milliseconds(100))
        }
        try harness.notify("waits", key: "a")
        try eventually({ running.liveness?.contains("nothing of it ended") == true })
        // What needs no new connection goes on.
        try harness.notify("fine", key: "b")
        try eventually({ running.liveness == "ok" })
        try eventually({ running.metric("attempts_total", #"code="descriptors""#) ?? 0 >= 4 })
        isShort.withLock { $0 = false }
        try eventually({ running.metric("notifications_total", #"outcome="delivered""#) == 2 })
        #expect(harness.transfer.attempts.allSatisfy { $0.number == 1 })
        #expect(running.end() == .ok)
    }

    /// What waits for its time is no work that could be done.
    @Test func waitingForTheNextAttemptIsNoStall() throws {
        let harness = try ConsumerHarness { _, _ in 503 }
        harness.settings.retry.isStrict = true
        harness.settings.retry.baseDelay = .seconds(60)
        let running = harness.start {
            $0.stallLimit = .milliseconds(500)
            $0.channel = FakeChannel(timeout: .milliseconds(100))
        }
        try harness.notify("later")
        try eventually({ running.metric("attempts_total") == 1 })
        try eventually({ running.seconds("oldest_undelivered_seconds") > 1.5 })
        #expect(running.liveness == "ok")
        #expect(running.end() == .ok)
    }

    @Test func withoutABrokerItIsNotReadyButAlive() throws {
        let harness = try ConsumerHarness { _, _ in 200 }
        harness.settings.kafka.properties += [("statistics.interval.ms", "50"), ("reconnect.backoff.ms", "20")]
        let running = harness.start { $0.stallLimit = .milliseconds(10) }
        try eventually({ running.readiness == "ok" })
        harness.cluster.setBroker(down: true)
        try eventually({ running.readiness == "no broker is connected" })
        #expect(running.liveness == "ok")
        harness.cluster.setBroker(down: false)
        try eventually({ running.readiness == "ok" })
        #expect(running.end() == .ok)
    }
}
