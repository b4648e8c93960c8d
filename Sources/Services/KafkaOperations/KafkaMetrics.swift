package import Kafka
package import Telemetry

/// What librdkafka itself says about brokers and clients, as metrics and log lines of the process.
///
/// Every client of a process has a name in here (`consumer`, `producer` …), which is a label. The statistics are read on
/// a thread of their own. Safe to use from any thread.
package final class KafkaMetrics: Sendable {
    private static let errors = MetricDefinition.counter(
        "kafka_client_errors_total", unit: "errors",
        "Errors of a Kafka client as a whole, by librdkafka's code, such as _ALL_BROKERS_DOWN or _AUTHENTICATION.",
        labels: ["client", "code"])
    private static let connected = MetricDefinition.gauge(
        "kafka_broker_connected", unit: "1", "1 while the client is connected to the broker.",
        labels: ["client", "broker"])
    private static let brokerErrors = MetricDefinition.counter(
        "kafka_broker_errors_total", unit: "requests",
        "Requests to a broker that failed; kind is transmit, receive or timeout.", labels: ["client", "broker", "kind"])
    private static let disconnects = MetricDefinition.counter(
        "kafka_broker_disconnects_total", unit: "connections", "Connections to a broker that were lost.",
        labels: ["client", "broker"])
    private static let roundTrip = MetricDefinition.gauge(
        "kafka_broker_round_trip_seconds", unit: "seconds",
        "From a request to its answer over the last seconds; stat is p50, p99 or max. A fetch waits for records.",
        labels: ["client", "broker", "stat"])
    private static let queued = MetricDefinition.gauge(
        "kafka_producer_queued_records", unit: "records", "Records in a producer without an acknowledgement.",
        labels: ["client"])

    package static let definitions = [errors, connected, brokerErrors, disconnects, roundTrip, queued]

    private let statistics = KafkaStatistics()
    private let registry: MetricsRegistry
    private let log: Log

    package init(_ registry: MetricsRegistry, log: Log = Log()) {
        self.registry = registry
        self.log = log
        let statistics = statistics
        func collect(
            _ definition: MetricDefinition, _ read: @escaping @Sendable (KafkaStatistics.Broker) -> [(String?, Double)]
        ) {
            registry.collect(definition) { add in
                for (client, snapshot) in statistics.snapshots {
                    for broker in snapshot.brokers {
                        for (label, value) in read(broker) {
                            add([client, broker.name] + (label.map { [$0] } ?? []), value)
                        }
                    }
                }
            }
        }
        collect(Self.connected) { [(nil, $0.isConnected ? 1 : 0)] }
        collect(Self.brokerErrors) {
            [("transmit", $0.transmitErrors), ("receive", $0.receiveErrors), ("timeout", $0.timeouts)]
        }
        collect(Self.disconnects) { [(nil, $0.disconnects)] }
        collect(Self.roundTrip) { broker in
            guard let times = broker.roundTrip else { return [] }
            return [("p50", times.median), ("p99", times.p99), ("max", times.maximum)]
        }
        registry.collect(Self.queued) { add in
            for (client, snapshot) in statistics.snapshots where snapshot.isProducer { add([client], snapshot.queued) }
        }
    }

    /// The settings of one client, whose log, errors and statistics come here.
    package func settings(_ settings: KafkaSettings, client: String) -> KafkaSettings {
        var settings = settings
        // From the start, so that the first one is an increase.
        _ = registry.counter(Self.errors, [client, "_ALL_BROKERS_DOWN"])
        settings.log = { [self] line in
            // Codes are librdkafka's own few dozen.
            if line.isClientError { registry.counter(Self.errors, [client, line.facility]).increment() }
            KafkaLog.write(line, to: log)
        }
        settings.statistics = { [statistics] in statistics.put($0, client: client) }
        return settings
    }

    /// Whether the client is connected to any broker; nil before its first statistics.
    package func isConnected(client: String) -> Bool? {
        statistics.snapshots[client].map { $0.brokers.contains(where: \.isConnected) }
    }
}
