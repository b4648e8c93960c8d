internal import DeadLetters
internal import Kafka

extension Outbox.Letter {
    /// A dead letter for the topic.
    convenience init(_ letter: DeadLetter, to topic: String, work: Work) {
        self.init(
            kind: .deadLetter, topic: topic,
            content: RecordContent(key: letter.key, value: letter.value, headers: letter.headers), work: work,
            deadLetter: letter)
    }

    /// The next form, after the broker has called this one too large; nil when there is none.
    var smaller: Outbox.Letter? { deadLetter?.smaller.map { Outbox.Letter($0, to: topic, work: work) } }
}
