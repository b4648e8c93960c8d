internal import Kafka
internal import Routing

/// The contacts of the compacted topic, read once to its end.
enum ContactReader {
    /// Adds what the topic says to `contacts`.
    static func read(_ topic: String, into contacts: ContactTable, _ settings: KafkaSettings) throws(KafkaError) {
        let reader = try TopicReader(settings, topic: topic, timeout: .seconds(10))
        while !reader.hasReachedEnd {
            reader.poll(timeout: .milliseconds(100), maximum: 10_000) { record in
                guard let userID = record.key, !userID.isEmpty else { return }
                contacts.set(userID, json: record.value)
            }
        }
    }
}
