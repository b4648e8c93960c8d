/// How to reach the cluster: what every Kafka client of a process shares.
package struct KafkaSettings: Sendable {
    /// `security.protocol`, `sasl.*` and the CA file of TLS.
    package struct Security: Sendable {
        /// plaintext, ssl, sasl_plaintext or sasl_ssl.
        package var protocolName = "plaintext"
        /// PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 …; nil without SASL.
        package var mechanism: String?
        package var username: String?
        package var password: String?
        /// A file or directory of CA certificates; nil is the system's.
        package var caLocation: String?

        package init() {}
    }

    /// `host:port`, separated by commas.
    package var brokers: String
    package var security = Security()
    /// Any other librdkafka property, as it is named there. These win over the defaults of this module, but not over
    /// the properties that carry its promises, see ``reservedProperties``.
    package var properties: [(name: String, value: String)] = []
    /// Shown in the broker's logs and metrics.
    package var clientID: String
    /// Receives librdkafka's log lines and client-wide errors, on librdkafka's threads. Nil drops them.
    package var log: (@Sendable (KafkaLogLine) -> Void)?
    /// Receives librdkafka's statistics every five seconds (`statistics.interval.ms`), inside of the owner's polls; must
    /// only pass them on. Nil makes none. A client that is never polled keeps them, so that they must not be asked for.
    package var statistics: (@Sendable (KafkaStatisticsText) -> Void)?

    package init(brokers: String, clientID: String) {
        self.brokers = brokers
        self.clientID = clientID
    }

    /// Properties that the guarantees depend on, or that have a setting of their own.
    package static let reservedProperties: Set<String> = [
        "enable.auto.commit", "enable.auto.offset.store", "enable.idempotence", "transactional.id", "group.id",
        "group.instance.id", "isolation.level", "acks", "request.required.acks", "max.in.flight", "retries",
        "max.in.flight.requests.per.connection", "message.send.max.retries", "enable.partition.eof",
        "metadata.broker.list", "bootstrap.servers", "client.id", "log.queue", "delivery.report.only.error",
    ]

    var connectionProperties: [(name: String, value: String)] {
        var list = [
            (name: "bootstrap.servers", value: brokers), (name: "client.id", value: clientID),
            (name: "security.protocol", value: security.protocolName),
        ]
        let optional = [
            ("sasl.mechanism", security.mechanism), ("sasl.username", security.username),
            ("sasl.password", security.password), ("ssl.ca.location", security.caLocation),
        ]
        for case (let name, let value?) in optional { list.append((name: name, value: value)) }
        return list
    }
}

/// One log line of librdkafka.
package struct KafkaLogLine: Sendable {
    /// As in syslog: 0 emergency … 3 error, 4 warning … 7 debug.
    package let level: Int
    /// librdkafka's short name of the subject, such as `FAIL` or `REBALANCE`.
    package let facility: String
    package let message: String
    /// Whether it is an error of the client as a whole, such as `_ALL_BROKERS_DOWN`; then the facility is its code.
    package var isClientError = false
}
