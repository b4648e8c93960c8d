import Lifecycle
import Synchronization
import Testing

@Suite struct MailboxTests {
    @Test func takesWhatWasPutInOrder() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.put([1, 2]))
        #expect(mailbox.put([3]))
        #expect(mailbox.takeAll() == [1, 2, 3])
        #expect(mailbox.takeAll().isEmpty)
    }

    @Test func refusesABatchThatDoesNotFitAsAWhole() {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect(mailbox.put([1]))
        #expect(!mailbox.put([2, 3]))
        #expect(mailbox.put([2]))
        #expect(mailbox.takeAll() == [1, 2])
    }

    @Test func wakesTheReaderOnceUntilItTakes() {
        let wakes = Mutex(0)
        let mailbox = Mailbox<Int>(wake: { wakes.withLock { $0 += 1 } })
        mailbox.put([])
        mailbox.put([1])
        mailbox.put([2])
        #expect(wakes.withLock { $0 } == 1)
        _ = mailbox.takeAll()
        mailbox.put([3])
        mailbox.close()
        #expect(wakes.withLock { $0 } == 3)
    }

    @Test func closingKeepsWhatIsInsideAndRefusesMore() {
        let mailbox = Mailbox<Int>()
        mailbox.put([1])
        mailbox.close()
        #expect(!mailbox.put([2]))
        #expect(mailbox.isClosed)
        #expect(mailbox.takeAll() == [1])
        #expect(!mailbox.wait(timeout: .seconds(60)))
    }

    @Test func everyElementOfSeveralThreadsArrivesOnce() {
        let mailbox = Mailbox<Int>()
        let senders = (0..<4).map { sender in
            OSThread(name: "sender") {
                for index in 0..<1_000 { mailbox.put([sender * 1_000 + index]) }
            }
        }
        var received: [Int] = []
        while received.count < 4_000, mailbox.wait(timeout: .seconds(30)) { received += mailbox.takeAll() }
        for sender in senders { sender.join() }
        #expect(received.sorted() == Array(0..<4_000))
        #expect(received.filter { $0 < 1_000 } == Array(0..<1_000))
        #expect(!mailbox.wait(timeout: .milliseconds(1)))
    }
}
