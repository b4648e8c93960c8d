internal import CRdKafka

/// The output topics of a producer, each looked up once.
///
/// The first record to a topic that is only known by name can wait for a second; a handle whose metadata was asked
/// for beforehand does not.
final class TopicHandles {
    private let client: OpaquePointer
    private var handles: [OpaquePointer] = []
    private var indexes: [String: Int] = [:]
    /// Mostly the next record goes there, too.
    private var latest: (topic: String, index: Int)?

    init(client: OpaquePointer) { self.client = client }

    /// Must be called before the client is destroyed.
    func close() {
        for handle in handles { rd_kafka_topic_destroy(handle) }
        handles = []
        indexes = [:]
        latest = nil
    }

    /// The index of the topic, which is looked up where it is new.
    func index(of topic: String) throws(KafkaError) -> Int {
        if let latest, latest.topic == topic { return latest.index }
        let index = if let known = indexes[topic] { known } else { try add(topic) }
        latest = (topic, index)
        return index
    }

    private func add(_ topic: String) throws(KafkaError) -> Int {
        guard let handle = rd_kafka_topic_new(client, topic, nil) else {
            throw KafkaError(rd_kafka_last_error(), "cannot use topic \(topic)", isFatal: true)
        }
        handles.append(handle)
        indexes[topic] = handles.count - 1
        return handles.count - 1
    }

    var all: Range<Int> { handles.indices }

    subscript(_ index: Int) -> OpaquePointer { handles[index] }

    /// Asks the cluster about the topic, so that its partitions' leaders are known before the first record.
    func warmUp(_ index: Int, timeout: Duration) throws(KafkaError) {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(client, 0, handles[index], &metadata, timeout.kafkaMilliseconds)
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }
}
