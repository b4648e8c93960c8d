internal import CRdKafka

/// Asks the cluster about its topics, makes new ones, and deletes records. For commands, not for services.
///
/// One thread owns it and makes every call; each waits for the cluster's answer.
package final class Admin {
    /// A topic as the cluster has it.
    package struct Topic: Sendable, Equatable {
        package var name: String
        package var partitions: Int
        /// Copies of the partition that has the fewest.
        package var replication: Int

        package init(name: String, partitions: Int, replication: Int) {
            self.name = name
            self.partitions = partitions
            self.replication = replication
        }
    }

    /// A topic to make.
    package struct NewTopic: Sendable, Equatable {
        package var name: String
        package var partitions: Int
        /// nil is the cluster's default.
        package var replication: Int?
        /// Such as `retention.ms`; what is not named keeps the cluster's default.
        package var configuration: [(name: String, value: String)]

        package init(
            name: String, partitions: Int, replication: Int?, configuration: [(name: String, value: String)]
        ) {
            self.name = name
            self.partitions = partitions
            self.replication = replication
            self.configuration = configuration
        }

        package static func == (left: NewTopic, right: NewTopic) -> Bool {
            left.name == right.name && left.partitions == right.partitions && left.replication == right.replication
                && left.configuration.elementsEqual(right.configuration, by: ==)
        }
    }

    private let handle: ClientHandle
    private let context = CallbackContext()
    private let timeout: Duration

    /// - Parameter timeout: how long each call waits for the cluster.
    package init(_ settings: KafkaSettings, timeout: Duration = .seconds(15)) throws(KafkaError) {
        handle = try ClientHandle(.administrator(settings), context: context)
        self.timeout = timeout
    }

    /// Every topic of the cluster, by its name.
    ///
    /// - Throws: where the cluster does not answer in time, and as soon as it refuses our credentials or certificate.
    package func topics() throws(KafkaError) -> [String: Topic] {
        let metadata = try metadata()
        defer { rd_kafka_metadata_destroy(metadata) }
        var found: [String: Topic] = [:]
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let topic = metadata.pointee.topics[index]
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let name = String(cString: topic.topic)
            let copies = (0..<Int(topic.partition_cnt)).map { Int(topic.partitions[$0].replica_cnt) }
            found[name] = Topic(name: name, partitions: copies.count, replication: copies.min() ?? 0)
        }
        return found
    }

    /// To be destroyed by the caller.
    private func metadata() throws(KafkaError) -> UnsafePointer<rd_kafka_metadata> {
        let end = ContinuousClock.now + timeout
        while true {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let limit = min(.seconds(1), end - ContinuousClock.now)
            let code = rd_kafka_metadata(handle.pointer, 1, nil, &metadata, limit.kafkaMilliseconds)
            if code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata { return metadata }
            rd_kafka_poll(handle.pointer, 0)
            if let refusal = context.refusal { throw refusal }
            if ContinuousClock.now >= end { throw KafkaError(code) }
        }
    }

    /// Makes the topics.
    ///
    /// - Returns: what went wrong with which; a topic that is there already is no error.
    package func create(_ topics: [NewTopic]) throws(KafkaError) -> [(name: String, error: KafkaError)] {
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for topic in topics { requests.append(try Self.request(topic)) }
        let event = try answer(to: RD_KAFKA_ADMIN_OP_CREATETOPICS) { options, queue in
            rd_kafka_CreateTopics(handle.pointer, &requests, requests.count, options, queue)
        }
        defer { rd_kafka_event_destroy(event) }
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        return (0..<count).compactMap { index in
            guard let result = results?[index] else { return nil }
            let code = rd_kafka_topic_result_error(result)
            guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS else { return nil }
            let text = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
            return (String(cString: rd_kafka_topic_result_name(result)), KafkaError(code, text))
        }
    }

    private static func request(_ topic: NewTopic) throws(KafkaError) -> OpaquePointer {
        var text = [CChar](repeating: 0, count: 512)
        let replication = topic.replication.map(Int32.init) ?? -1
        guard
            let request = rd_kafka_NewTopic_new(topic.name, Int32(topic.partitions), replication, &text, text.count)
        else {
            let message = text.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } }
            throw KafkaError(code: "_INVALID_ARG", message: message ?? "cannot make \(topic.name)")
        }
        for (name, value) in topic.configuration { _ = rd_kafka_NewTopic_set_config(request, name, value) }
        return request
    }

    /// What is configured for the topics, the cluster's defaults among it.
    package func configuration(of topics: [String]) throws(KafkaError) -> [String: [String: String]] {
        guard !topics.isEmpty else { return [:] }
        var resources: [OpaquePointer?] = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        let event = try answer(to: RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options, queue in
            rd_kafka_DescribeConfigs(handle.pointer, &resources, resources.count, options, queue)
        }
        defer { rd_kafka_event_destroy(event) }
        var count = 0
        let results = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
        var found: [String: [String: String]] = [:]
        for index in 0..<count {
            guard let resource = results?[index] else { continue }
            let code = rd_kafka_ConfigResource_error(resource)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
            found[String(cString: rd_kafka_ConfigResource_name(resource))] = Self.entries(of: resource)
        }
        return found
    }

    private static func entries(of resource: OpaquePointer) -> [String: String] {
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var values: [String: String] = [:]
        for index in 0..<count {
            guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry),
                let value = rd_kafka_ConfigEntry_value(entry)
            else { continue }
            values[String(cString: name)] = String(cString: value)
        }
        return values
    }

    /// Deletes the records below the given offsets. What is at and above them stays.
    ///
    /// - Returns: the first offset that each partition has now.
    package func deleteRecords(below offsets: [PartitionOffset]) throws(KafkaError) -> [PartitionOffset] {
        let list = PartitionList(offsets)
        var request = rd_kafka_DeleteRecords_new(list.pointer)
        defer { if let request { rd_kafka_DeleteRecords_destroy(request) } }
        let event = try answer(to: RD_KAFKA_ADMIN_OP_DELETERECORDS) { options, queue in
            rd_kafka_DeleteRecords(handle.pointer, &request, 1, options, queue)
        }
        defer { rd_kafka_event_destroy(event) }
        guard let result = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event)) else {
            return []
        }
        if let failed = PartitionList.elements(result).first(where: { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }) {
            throw KafkaError(failed.err)
        }
        return PartitionList.offsets(result)
    }

    /// Sends a request and waits for its event, which the caller destroys.
    private func answer(
        to operation: rd_kafka_admin_op_t, _ send: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void
    ) throws(KafkaError) -> OpaquePointer {
        let options = rd_kafka_AdminOptions_new(handle.pointer, operation)
        let queue = rd_kafka_queue_new(handle.pointer)
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        var text = [CChar](repeating: 0, count: 512)
        _ = rd_kafka_AdminOptions_set_request_timeout(options, timeout.kafkaMilliseconds, &text, text.count)
        _ = rd_kafka_AdminOptions_set_operation_timeout(options, timeout.kafkaMilliseconds, &text, text.count)
        send(options, queue)
        guard let event = rd_kafka_queue_poll(queue, (timeout + timeout).kafkaMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "the cluster did not answer in time")
        }
        let code = rd_kafka_event_error(event)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let text = rd_kafka_event_error_string(event).map { String(cString: $0) }
            rd_kafka_event_destroy(event)
            throw KafkaError(code, text)
        }
        return event
    }
}
