package import Kafka
package import Notifications

/// Everything the core can be told but for the routes.
package struct CoreSettings: Sendable {
    package var kafka: KafkaSettings
    package var group: String
    package var inputs: [String]
    package var outputs: [ChannelName: String]
    package var eventsDLQ: String
    package var statusTopic: String
    /// Whether suppressed entries become status records.
    package var writesStatus: Bool

    package var routingFile: String
    package var endpointsFile: String
    package var contactsFile: String
    package var templatesDirectory: String
    /// The compacted topic of contacts; nil when contacts come from the file only.
    package var contactsTopic: String?

    /// The name of this instance, the same after a restart and unique in the group; nil without one.
    package var instanceID: String?
    package var batch = TransactionBatch.Limits()
    package var maximumEventBytes: Int
    package var sessionTimeout: Duration
    package var transactionTimeout: Duration
    package var startupTimeout: Duration
    package var drainTimeout: Duration
}
