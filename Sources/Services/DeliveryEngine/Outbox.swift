internal import DeadLetters
internal import Delivery
internal import Kafka

/// Records on their way to retry, dead letter and status topics. Each is kept until the broker has acknowledged it.
///
/// A send that fails is tried again every second for as long as the process lives; what waits for it waits. Only a
/// record that the broker refuses as such goes back to the caller. The engine's thread owns it.
final class Outbox {
    enum Kind: String, CaseIterable {
        case retry, deadLetter = "dead_letter", status
    }

    /// One record, known to everybody who waits for it.
    final class Letter {
        let kind: Kind
        let topic: String
        let key: [UInt8]?
        let value: [UInt8]?
        let headers: RecordHeaders
        /// On whose behalf.
        let work: Work
        /// What a dead letter was made of, for a smaller one.
        let deadLetter: DeadLetter?

        init(
            kind: Kind, topic: String, key: [UInt8]?, value: [UInt8]?, headers: RecordHeaders, work: Work,
            deadLetter: DeadLetter? = nil
        ) {
            self.kind = kind
            self.topic = topic
            self.key = key
            self.value = value
            self.headers = headers
            self.work = work
            self.deadLetter = deadLetter
        }
    }

    /// What became of a letter, or of one try.
    enum Event {
        case acknowledged(Letter)
        /// The broker will never take it as it is.
        case refused(Letter, KafkaError)
        /// It will be tried again.
        case failed(Letter, KafkaError)
    }

    private let producer: IdempotentProducer
    private var sent: [UInt64: Letter] = [:]
    private var failed: [Letter] = []
    private var events: [Event] = []
    private var nextToken: UInt64 = 1
    private var retryAt: ContinuousClock.Instant?
    private let retryEvery: Duration

    init(_ producer: IdempotentProducer, retryEvery: Duration = .seconds(1)) {
        self.producer = producer
        self.retryEvery = retryEvery
    }

    /// Letters without an acknowledgement.
    var count: Int { sent.count + failed.count }
    /// Letters whose last try failed: the alarm.
    var failedCount: Int { failed.count }
    var rebuilds: Int { producer.rebuilds }
    var nextRetry: ContinuousClock.Instant? { failed.isEmpty ? nil : retryAt }

    /// Sends a letter; its work has one more open send until it is acknowledged.
    func post(_ letter: Letter) {
        letter.work.openSends += 1
        send(letter)
    }

    /// Gives a refused letter another form in its place.
    func replace(with letter: Letter) { send(letter) }

    /// Keeps a refused letter among the failed ones, to be tried again.
    func keep(_ letter: Letter) {
        failed.append(letter)
        if retryAt == nil { retryAt = .now + retryEvery }
    }

    /// Hands out what happened, and tries failed letters again when it is time.
    func poll(_ now: ContinuousClock.Instant, timeout: Duration = .zero, _ body: (Event) -> Void) {
        if let retryAt, retryAt <= now, !failed.isEmpty {
            self.retryAt = nil
            // What the broker took away is another member's to forward; it can still be said what was delivered.
            let letters = failed.filter { !$0.work.isRevoked || $0.kind == .status }
            failed = []
            for letter in letters { send(letter) }
        }
        do throws(KafkaError) {
            try producer.poll(timeout: timeout) { report in
                guard let letter = sent.removeValue(forKey: report.token) else { return }
                if let error = report.error { fail(letter, error) } else { events.append(.acknowledged(letter)) }
            }
        } catch {
            // The broken client could not be replaced yet; the next poll tries again.
        }
        guard !events.isEmpty else { return }
        let happened = events
        events = []
        for event in happened { body(event) }
    }

    private func send(_ letter: Letter) {
        let token = nextToken
        nextToken += 1
        do throws(KafkaError) {
            try producer.send(
                topic: letter.topic, key: letter.key, value: letter.value, headers: letter.headers, token: token)
            sent[token] = letter
        } catch {
            fail(letter, error)
        }
    }

    private func fail(_ letter: Letter, _ error: KafkaError) {
        if error.refusesRecord {
            events.append(.refused(letter, error))
            return
        }
        keep(letter)
        events.append(.failed(letter, error))
    }
}
