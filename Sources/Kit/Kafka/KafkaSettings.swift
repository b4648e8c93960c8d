/// How to reach the cluster: what every Kafka client of a process shares.
package struct KafkaSettings: Sendable {
    /// `security.protocol`, `sasl.*` and the files of TLS.
    package struct Security: Sendable {
        /// plaintext, ssl, sasl_plaintext or sasl_ssl.
        package var protocolName = "plaintext"
        /// PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 …; nil without SASL.
        package var mechanism: String?
        package var username: String?
        package var password: String?
        /// A file or directory of CA certificates; nil is the system's.
        package var caLocation: String?
        /// A PEM file with the client's own certificate, and those of its issuers; nil shows none.
        package var certificateLocation: String?
        /// A PEM file with the key of that certificate.
        package var keyLocation: String?
        /// Of an encrypted key.
        package var keyPassword: String?

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
    /// Whether reading these settings has found a fault: no client can be made with them.
    var hasFaults = false
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

    /// A property of librdkafka that the user has set.
    func property(_ name: String) -> String? { properties.last { $0.name == name }?.value }

    var connectionProperties: [(name: String, value: String)] {
        var list = [(name: "bootstrap.servers", value: brokers), (name: "client.id", value: clientID)]
        for case (let name, let value?) in securityProperties { list.append((name: name, value: value)) }
        return list
    }

    /// By the names that they have in a settings file, too.
    var securityProperties: [(name: String, value: String?)] {
        [
            ("security.protocol", security.protocolName), ("sasl.mechanism", security.mechanism),
            ("sasl.username", security.username), ("sasl.password", security.password),
            ("ssl.ca.location", security.caLocation), ("ssl.certificate.location", security.certificateLocation),
            ("ssl.key.location", security.keyLocation), ("ssl.key.password", security.keyPassword),
        ]
    }
}

extension KafkaSettings.Security {
    /// librdkafka's default where SASL is used.
    var usesKerberos: Bool { protocolName.hasPrefix("sasl_") && (mechanism ?? "GSSAPI").uppercased() == "GSSAPI" }

    /// What may be wrong, besides user and password, where the broker refuses them.
    var hint: String? {
        guard let mechanism, mechanism.uppercased().hasPrefix("SCRAM-") else { return nil }
        guard !LibraryVersion.canSCRAM else { return nil }
        return "librdkafka \(LibraryVersion.name) cannot do \(mechanism) with Kafka 4: "
            + "use PLAIN over TLS, a client certificate, or librdkafka 2.6.1"
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
