import Delivery
import Kafka
import Testing

@testable import Control

struct LetterLedgerTests {
    private static let partition = TopicPartition(topic: "q.dlq", partition: 1)

    private static func place(_ offset: Int64, _ metadata: String? = nil) -> PartitionOffset {
        PartitionOffset(topicPartition: partition, offset: offset, metadata: metadata)
    }

    @Test func remembersWhatIsDoneInAnyOrder() throws {
        var ledger = LetterLedger()
        ledger.begin([Self.place(PartitionOffset.none)])
        for offset in Int64(10)..<20 { #expect(ledger.receive(Self.partition, offset) == .open) }
        for offset: Int64 in [10, 11, 14, 19] { ledger.complete(Self.partition, offset) }
        let commit = try #require(ledger.changes.first)
        #expect(commit.offset == 12 && ledger.mark(of: Self.partition) == 12)
        ledger.committed([commit])
        #expect(ledger.changes.isEmpty)

        var next = LetterLedger()
        next.begin([commit])
        let receipts = (Int64(12)..<21).map { next.receive(Self.partition, $0) }
        #expect(receipts == [.open, .open, .done, .open, .open, .open, .open, .done, .open])
        #expect(next.receive(Self.partition, 5) == .done)
    }

    @Test func refusesWhatACommitCouldNotRemember() {
        var ledger = LetterLedger()
        ledger.begin([Self.place(0)])
        let last = LetterLedger.maximumSpan
        #expect(ledger.receive(Self.partition, 0) == .open)
        for offset in 1..<last { #expect(ledger.receive(Self.partition, offset) == .open) }
        #expect(ledger.receive(Self.partition, last) == .outOfReach)
        // The worst pattern of everything within reach survives a commit.
        for offset in stride(from: Int64(1), to: last, by: 2) { ledger.complete(Self.partition, offset) }
        let commit = ledger.changes[0]
        let read = CommitMetadata.decode(commit.metadata, base: commit.offset)
        #expect((commit.metadata ?? "").utf8.count <= CommitMetadata.maximumBytes)
        #expect(stride(from: Int64(1), to: last, by: 2).allSatisfy(read.contains))
        #expect(!stride(from: Int64(0), to: last, by: 2).contains(where: read.contains))
    }

    @Test func startsOverWithALogThatWasMadeAnew() {
        var ledger = LetterLedger()
        ledger.begin([Self.place(500)])
        ledger.matchLog(Self.partition, 0..<20)
        #expect(ledger.receive(Self.partition, 3) == .open)
        ledger.begin([Self.place(20)])
        ledger.matchLog(Self.partition, 0..<20)
        #expect(ledger.receive(Self.partition, 19) == .done)
    }
}
