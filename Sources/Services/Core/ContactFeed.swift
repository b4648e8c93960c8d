internal import Kafka
internal import Routing
internal import Telemetry

/// The contact table, and the compacted topic it follows where one is configured: the file first, the topic after it.
final class ContactFeed {
    let contacts: ContactTable
    private let reader: TopicReader?
    private let log = Log()

    /// - Parameters:
    ///   - contacts: what the file says.
    ///   - timeout: how long the cluster may take to answer.
    init(_ settings: CoreSettings, contacts: ContactTable, timeout: Duration) throws(KafkaError) {
        self.contacts = contacts
        guard let topic = settings.contactsTopic else {
            reader = nil
            return
        }
        reader = try TopicReader(settings.kafka, topic: topic, timeout: timeout)
    }

    /// Whether the topic was read to its end once.
    var isComplete: Bool { reader?.hasReachedEnd ?? true }

    /// Follows partitions that the topic has got since, too.
    func takeNewPartitions() { reader?.takeNewPartitions() }

    /// Takes what has arrived; waits up to `timeout` for the first record.
    func follow(timeout: Duration) {
        reader?.poll(timeout: timeout, maximum: 1000) { record in
            guard let userID = record.key, !userID.isEmpty else { return }
            guard !contacts.set(userID, json: record.value) else { return }
            log.warning(
                "contact_refused", "A contact is no JSON object of texts; the user keeps the old one.",
                [LogField("partition", record.partition), LogField("offset", record.offset)])
        }
    }
}
