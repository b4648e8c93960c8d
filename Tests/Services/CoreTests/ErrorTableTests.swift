import Kafka
import Lifecycle
import Testing

/// Every row of ``ErrorTable`` answered to the whole service: consumer, mapping and transaction as they run.
struct ErrorTableTests {
    /// One core lives through all answers that it can live with.
    @Test(.timeLimit(.minutes(2)))
    func goesOnAndLosesNothing() throws {
        let rows = ErrorTable.rows.filter { $0.reaction != .leaves }
        let run = try CoreRun.oneChannel(events: Self.events("first")) { run in
            for row in rows where row.request == .initProducerID { fail(row, in: run) }
        }
        try run.wait(until: { run.ledger.consumed == 4 })
        #expect(run.cluster.pendingFailures(of: .initProducerID) == 0)
        for row in rows where row.request != .initProducerID { try live(through: row, run) }
        #expect(run.stop() == .ok)
    }

    /// All at once, a core for each, because a first join takes three seconds.
    @Test(.timeLimit(.minutes(2)))
    func leavesWhenOnlyANewProcessCanGoOn() throws {
        let rows = ErrorTable.rows.filter { $0.reaction == .leaves }
        let runs = try rows.map { row in
            try CoreRun.oneChannel(watched: [], events: Self.events("once")) { fail(row, in: $0) }
        }
        for (row, run) in zip(rows, runs) {
            #expect(run.waitForExit() == .fatal, "\(row)")
            #expect(run.ledger == CoreRun.Ledger(), "\(row)")
            #expect(run.cluster.pendingFailures(of: row.request) == 0, "\(row)")
        }
    }

    private func live(through row: ErrorTable.Row, _ run: CoreRun) throws {
        let before = run.ledger
        run.forget()
        fail(row, in: run)
        try run.publish(Self.events("\(row)"))
        try run.wait(until: { run.ledger.consumed - before.consumed >= 4 })
        let isolated = row.reaction == .isolates ? 1 : 0
        let expected = Array(isolated..<4)
        try run.wait(until: { seen(of: row, run).suffix(expected.count) == expected[...] })
        if isolated > 0 { try run.wait(["events.dlq": 1]) }
        let after = run.ledger
        #expect(after.consumed - before.consumed == 4, "\(row)")
        #expect(after.produced - before.produced == 4 - isolated, "\(row)")
        #expect(after.rejected - before.rejected == isolated, "\(row)")
        #expect(after.aborted - before.aborted == row.aborts, "\(row)")
        #expect(run.cluster.pendingFailures(of: row.request) == 0, "\(row)")
        #expect(seen(of: row, run).count <= expected.count * (1 + row.aborts), "\(row)")
        let letters = Set(run.records("events.dlq").map(\.value))
        #expect(letters == (isolated == 0 ? [] : [Array(Self.events("\(row)")[0].utf8)]), "\(row)")
        for letter in run.records("events.dlq") {
            let isTooLarge = [.messageTooLarge, .recordListTooLarge].contains(row.answers[0])
            #expect(letter.headers.text("x-dlq-error-class") == (isTooLarge ? "too_large" : "permanent"), "\(row)")
        }
    }

    /// The numbers of the row's events among the notifications, of aborted transactions, too.
    private func seen(of row: ErrorTable.Row, _ run: CoreRun) -> [Int] {
        let ids = Self.ids("\(row)")
        return run.records("notifications.email").compactMap { record in
            let text = String(decoding: record.value ?? [], as: UTF8.self)
            return ids.firstIndex { text.contains($0) }
        }
    }

    private func fail(_ row: ErrorTable.Row, in run: CoreRun) {
        run.cluster.fail(row.request, with: row.answers.map(\.rawValue))
    }

    private static func events(_ name: String) -> [String] { CoreRun.events(ids(name)) }

    private static func ids(_ name: String) -> [String] { (0..<4).map { "\(name) #\($0)" } }
}
