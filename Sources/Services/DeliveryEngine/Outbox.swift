internal import DeadLetters
internal import Delivery
internal import Kafka
internal import Time

/// Records on their way to retry, dead letter and status topics. Each is kept until the broker has acknowledged it.
///
/// Letters leave together, and the next ones when those have been answered: librdkafka 2.0.2 sends a partition's next
/// records only then, and waits for it without sleeping. Where the answer is late, as of a topic in trouble, they leave all
/// the same.
///
/// A send that fails is tried again every second for as long as the process lives; what waits for it waits. Only a
/// record that the broker refuses as such goes back to the caller. The engine's thread owns it.
final class Outbox {
    /// How long letters wait for company, and how many are company enough.
    private static let linger = Duration.milliseconds(15)
    private static let company = 128
    /// How long they wait for the answer to those before them, at most.
    private static let patience = Duration.milliseconds(100)

    enum Kind: String, CaseIterable {
        case retry, deadLetter = "dead_letter", status
    }

    /// One record, known to everybody who waits for it.
    final class Letter {
        let kind: Kind
        let topic: String
        let content: RecordContent
        /// On whose behalf.
        let work: Work
        /// What a dead letter was made of, for a smaller one.
        let deadLetter: DeadLetter?

        init(kind: Kind, topic: String, content: RecordContent, work: Work, deadLetter: DeadLetter? = nil) {
            self.kind = kind
            self.topic = topic
            self.content = content
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
    /// Letters that have not left yet, and since when.
    private var collected: [Letter] = []
    private var collectedSince = MonotonicTime.now
    /// Letters that the producer has, each at the place that its report names.
    private var sent: [Letter?] = []
    private var freePlaces: [Int] = []
    private var failed: [Letter] = []
    private var events: [Event] = []
    private var retryAt: MonotonicTime?
    private let retryEvery: Duration

    init(_ producer: IdempotentProducer, retryEvery: Duration = .seconds(1)) {
        self.producer = producer
        self.retryEvery = retryEvery
    }

    /// Letters without an acknowledgement.
    var count: Int { collected.count + sentCount + failed.count }
    /// Letters whose last try failed: the alarm.
    var failedCount: Int { failed.count }
    var rebuilds: Int { producer.rebuilds }
    /// When there is something to do here although no answer comes.
    var nextWake: MonotonicTime? {
        let retry = failed.isEmpty ? nil : retryAt
        return departure.map { min($0, retry ?? $0) } ?? retry
    }
    private var sentCount: Int { sent.count - freePlaces.count }
    private var departure: MonotonicTime? {
        collected.isEmpty ? nil : collectedSince + (sentCount == 0 ? Self.linger : Self.patience)
    }

    /// Sends a letter; its work has one more open send until it is acknowledged.
    func post(_ letter: Letter) {
        letter.work.openSends += 1
        if collected.isEmpty { collectedSince = .now }
        collected.append(letter)
    }

    /// Gives a refused letter another form in its place.
    func replace(with letter: Letter) { send(letter) }

    /// Keeps a refused letter among the failed ones, to be tried again.
    func keep(_ letter: Letter) {
        failed.append(letter)
        if retryAt == nil { retryAt = .now + retryEvery }
    }

    /// Hands out what happened, sends what has waited long enough, and tries failed letters again when it is time.
    func poll(_ now: MonotonicTime, timeout: Duration = .zero, _ body: (Event) -> Void) {
        if let retryAt, retryAt <= now, !failed.isEmpty {
            self.retryAt = nil
            let letters = failed
            failed = []
            send(letters)
        }
        do throws(KafkaError) {
            try producer.poll(timeout: timeout) { report in
                guard let letter = takeSent(Int(report.token)) else { return }
                if let error = report.error { fail(letter, error) } else { events.append(.acknowledged(letter)) }
            }
        } catch {
            // The broken client could not be replaced yet; the next poll tries again.
        }
        let isFull = collected.count >= Self.company && sentCount == 0
        if let departure, departure <= now || isFull {
            let letters = collected
            collected = []
            send(letters)
        }
        guard !events.isEmpty else { return }
        let happened = events
        events = []
        for event in happened { body(event) }
    }

    /// What the broker took away is another member's to forward; it can still be said what was delivered.
    private func send(_ letters: [Letter]) {
        for letter in letters where !letter.work.isRevoked || letter.kind == .status { send(letter) }
    }

    private func send(_ letter: Letter) {
        let place = freePlaces.last ?? sent.count
        do throws(KafkaError) {
            try producer.send(topic: letter.topic, letter.content, token: UInt64(place))
            if place == sent.count { sent.append(letter) } else { sent[freePlaces.removeLast()] = letter }
        } catch {
            fail(letter, error)
        }
    }

    private func takeSent(_ place: Int) -> Letter? {
        guard let letter = sent[place] else { return nil }
        sent[place] = nil
        freePlaces.append(place)
        return letter
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
