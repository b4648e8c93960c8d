internal import CRdKafka

/// librdkafka's own broker inside of this process, for tests.
///
/// It knows no transactions (their records are visible at once, their offsets are dropped), no fencing and no static
/// members; a first join takes three seconds; session time-outs must be longer than that.
package final class MockCluster {
    /// A request whose answer can be replaced by an error.
    package enum Request: Int16, Sendable {
        case produce = 0, fetch = 1, offsetCommit = 8, offsetFetch = 9, joinGroup = 11, heartbeat = 12, syncGroup = 14
        case initProducerID = 22, addPartitions = 24, addOffsets = 25, endTransaction = 26, transactionOffsets = 28
    }

    private let handle: ClientHandle
    private let cluster: OpaquePointer
    /// The `bootstrap.servers` of the cluster; good for other processes, too.
    package let brokers: String

    package init(brokers count: Int = 1) throws(KafkaError) {
        let settings = KafkaSettings(brokers: "", clientID: "mock")
        handle = try ClientHandle(ClientRole(isConsumer: false, kafka: settings), context: CallbackContext())
        guard let cluster = rd_kafka_mock_cluster_new(handle.pointer, Int32(count)) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "no mock cluster", isFatal: true)
        }
        self.cluster = cluster
        brokers = String(cString: rd_kafka_mock_cluster_bootstraps(cluster))
    }

    deinit { rd_kafka_mock_cluster_destroy(cluster) }

    package func createTopic(_ name: String, partitions: Int = 1) {
        _ = rd_kafka_mock_topic_create(cluster, name, Int32(partitions), 1)
    }

    /// The next requests of the kind are answered with these error codes of the protocol; -195 cuts the connection.
    ///
    /// - Parameter delay: how long each of the answers takes.
    package func fail(_ request: Request, with codes: [Int32], broker: Int = 1, delay: Duration = .zero) {
        for code in codes {
            _ = nh_kafka_mock_push_error(
                cluster, Int32(broker), request.rawValue, rd_kafka_resp_err_t(code), delay.kafkaMilliseconds)
        }
    }

    /// How many of the answers that ``fail(_:with:broker:delay:)`` asked for were not given yet.
    package func pendingFailures(of request: Request, broker: Int = 1) -> Int {
        var count = 0
        _ = rd_kafka_mock_broker_error_stack_cnt(cluster, Int32(broker), request.rawValue, &count)
        return count
    }

    package func setBroker(_ broker: Int = 1, down: Bool) {
        if down {
            _ = rd_kafka_mock_broker_set_down(cluster, Int32(broker))
        } else {
            _ = rd_kafka_mock_broker_set_up(cluster, Int32(broker))
        }
    }

    /// Every answer of every broker takes this long from now on.
    package func setRoundTrip(_ time: Duration) {
        _ = rd_kafka_mock_broker_set_rtt(cluster, -1, time.kafkaMilliseconds)
    }

    /// Moves the partition to another broker; nil leaves it without a leader.
    package func setLeader(of topic: String, partition: Int = 0, broker: Int?) {
        _ = rd_kafka_mock_partition_set_leader(cluster, topic, Int32(partition), Int32(broker ?? -1))
    }

    /// What has a coordinator.
    package enum Coordinated: String, Sendable { case transaction, group }

    /// Moves a group, or a transactional id, to another broker.
    package func setCoordinator(of kind: Coordinated, _ name: String, broker: Int) {
        _ = rd_kafka_mock_coordinator_set(cluster, kind.rawValue, name, Int32(broker))
    }
}
