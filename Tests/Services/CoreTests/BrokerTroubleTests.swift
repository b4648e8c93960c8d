import Kafka
import Lifecycle
import Testing

/// A cluster that is slow, that moves, or that does not take records for a while: the core waits, and goes on.
struct BrokerTroubleTests {
    /// 19 NOT_ENOUGH_REPLICAS: neither the commit nor the abort gets through, for longer than one slice of waiting.
    @Test(.timeLimit(.minutes(5)))
    func abortsUntilTheCoordinatorAgrees() throws {
        let run = try CoreRun.oneChannel(watched: [], events: CoreRun.events(0..<4)) { run in
            run.cluster.fail(.endTransaction, with: Array(repeating: 19, count: 100))
        }
        try run.wait(until: { run.ledger.consumed == 4 })
        #expect(run.ledger.aborted == 1 && run.cluster.pendingFailures(of: .endTransaction) == 0)
        #expect(run.stop() == .ok)
    }

    /// The loop goes round all the time, and the metrics show that it gets nowhere.
    @Test(.timeLimit(.minutes(1)))
    func aStallIsMeasuredAndEnds() throws {
        let run = try CoreRun.oneChannel(watched: [], events: CoreRun.events(0..<4)) { run in
            run.cluster.fail(.endTransaction, with: Array(repeating: 19, count: 60), delay: .milliseconds(50))
        }
        try run.wait(until: { run.metric("notificationhub_stalled_seconds") >= 1 })
        try run.wait(until: { run.ledger.consumed == 4 })
        try run.wait(until: { run.metric("notificationhub_stalled_seconds") == 0 })
        #expect(run.metric("notificationhub_core_event_to_commit_seconds_count") == 4)
        #expect(run.metric("notificationhub_core_transaction_seconds_count", "committed") >= 1)
        #expect(run.stop() == .ok)
    }

    /// Each of these takes its time, and none of them costs a transaction.
    @Test(.timeLimit(.minutes(5)))
    func waitsForASlowClusterAndFollowsItsMoves() throws {
        let run = try CoreRun.oneChannel(watched: [], events: CoreRun.events(0..<4)) { run in
            // The mock forgets what transactions have committed: the membership must last.
            run.moveCoordinator(of: .group, to: 2)
            for request in [MockCluster.Request.produce, .endTransaction] {
                run.cluster.fail(request, with: [0], delay: .seconds(2))
            }
        }
        try run.wait(until: { run.ledger.consumed == 4 })

        run.moveCoordinator(of: .transaction, to: 2)
        try run.publish(CoreRun.events(4..<8))
        try run.wait(until: { run.ledger.consumed == 8 })

        run.cluster.setLeader(of: "notifications.email", broker: 2)
        try run.publish(CoreRun.events(8..<12))
        try run.wait(until: { run.ledger.consumed == 12 })

        run.cluster.setLeader(of: "notifications.email", broker: nil)
        try run.publish(CoreRun.events(12..<16))
        Latch().wait(timeout: .seconds(2))
        #expect(run.ledger.consumed == 12)
        run.cluster.setLeader(of: "notifications.email", broker: 1)
        try run.wait(until: { run.ledger.consumed == 16 })

        run.cluster.setBroker(1, down: true)
        try run.publish(CoreRun.events(16..<20))
        Latch().wait(timeout: .seconds(2))
        run.cluster.setBroker(1, down: false)
        try run.wait(until: { run.ledger.consumed == 20 })
        #expect(run.ledger.aborted == 0)
        #expect(run.stop() == .ok)
    }

    /// 19 NOT_ENOUGH_REPLICAS to every batch for seconds: no more than one transaction waits inside of the core.
    @Test(.timeLimit(.minutes(5)))
    func holdsNoMoreThanOneTransactionWhileNothingIsTaken() throws {
        let (total, limit) = (5000, 250)
        let run = try CoreRun.oneChannel(
            watched: [], settings: "commit: { records: \(limit) }\n", events: CoreRun.events(0..<total)
        ) { run in
            run.cluster.fail(.produce, with: Array(repeating: 19, count: 40), delay: .milliseconds(50))
        }
        try run.wait(until: { run.ledger.consumed == total })
        #expect(run.cluster.pendingFailures(of: .produce) == 0 && run.ledger.aborted == 0)
        let sizes = "notificationhub_core_transaction_records"
        #expect(run.metric("\(sizes)_bucket", "le=\"300\"") == run.metric("\(sizes)_count"))
        #expect(run.metric("\(sizes)_count") >= total / limit)
        #expect(run.stop() == .ok)
    }
}
