import Kafka
import Settings
import Testing

struct KafkaSettingsTests {
    @Test func readsTheConnectionAndPassesPropertiesOn() throws {
        let reader = try reader(
            "kafka:\n  brokers: a:1,b:2\n  sasl.mechanism: PLAIN\n  linger.ms: 7\n",
            ["KAFKA_BROKERS": "c:3", "KAFKA_SASL_PASSWORD": "s", "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"])
        let settings = KafkaSettings(reading: reader.section("kafka"), clientID: "test")
        try reader.finish()
        #expect(settings.brokers == "c:3" && settings.security.mechanism == "PLAIN")
        #expect(settings.security.protocolName == "sasl_plaintext" && settings.security.password == "s")
        #expect(settings.properties.map(\.name) == ["linger.ms"] && settings.properties.map(\.value) == ["7"])
        #expect(!reader.effective.contains { $0.value == "s" })
    }

    @Test func readsTheCertificateOfMutualTLS() throws {
        let reader = try reader(
            "kafka:\n  ssl.certificate.location: \(#filePath)\n",
            ["KAFKA_SSL_KEY_LOCATION": #filePath, "KAFKA_SSL_KEY_PASSWORD": "s3cr3t"])
        let security = KafkaSettings(reading: reader.section("kafka"), clientID: "test").security
        try reader.finish()
        #expect(security.certificateLocation == #filePath && security.keyLocation == #filePath)
        #expect(security.keyPassword == "s3cr3t" && !reader.effective.contains { $0.value == "s3cr3t" })
    }

    @Test(arguments: ["ssl.certificate.location", "ssl.key.location"])
    func aCertificateAndItsKeyGoTogether(key: String) throws {
        let reader = try reader("kafka:\n  \(key): \(#filePath)\n")
        _ = KafkaSettings(reading: reader.section("kafka"), clientID: "test")
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        let other = key == "ssl.key.location" ? "ssl.certificate.location" : "ssl.key.location"
        #expect(error?.faults.map(\.key) == ["kafka.\(other)"])
    }

    @Test func namesFilesThatAreNotThere() throws {
        let reader = try reader("kafka:\n  ssl.ca.location: /no/such/ca.pem\n")
        _ = KafkaSettings(reading: reader.section("kafka"), clientID: "test")
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        #expect(error?.faults.map(\.message) == ["/no/such/ca.pem cannot be read: No such file or directory"])
    }

    @Test func namesEveryPropertyThatLibrdkafkaOrThePromisesRefuse() throws {
        let reader = try reader(
            "kafka:\n  security.protocol: sasl\n  linger.ms: soon\n  fetch.wait.max.mss: 1\n  grup_id: g\n  no.such.thing: 1\n  acks: 0\n  fetch.min.bytes: 1\n"
        )
        _ = KafkaSettings(reading: reader.section("kafka"), clientID: "test")
        let error = #expect(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error?.faults.map(\.key) == [
                "kafka.security.protocol", "kafka.linger.ms", "kafka.fetch.wait.max.mss", "kafka.grup_id",
                "kafka.no.such.thing",
                "kafka.acks",
            ])
        #expect(error?.faults.map(\.line) == [2, 3, 4, 5, 6, 7])
        #expect(error?.faults.map(\.suggestion) == [nil, nil, "kafka.fetch.wait.max.ms", "kafka.group_id", nil, nil])
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var yaml = "brokers: a:1"
        var environment: [String: String] = [:]
        let place: String
        let text: String

        var testDescription: String { place }
    }

    private static let password = ["KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "hush-hush"]

    /// What librdkafka says only where a client is made.
    static let refused = [
        Refused(
            environment: ["KAFKA_SECURITY_PROTOCOL": "sasl_plaintext", "KAFKA_SASL_MECHANISM": "PLAIN"],
            place: "test.yaml:1: kafka.sasl.username", text: "sasl.username and sasl.password must be set"),
        Refused(
            environment: password.merging(
                ["KAFKA_SECURITY_PROTOCOL": "sasl_plaintext", "KAFKA_SASL_MECHANISM": "SCRAM-SHA-257"]
            ) { $1 },
            place: "environment: KAFKA_SASL_MECHANISM", text: "SCRAM-SHA-257"),
        Refused(
            environment: ["KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_SSL_CA_LOCATION": "/etc/hostname"],
            place: "environment: KAFKA_SSL_CA_LOCATION", text: "ssl.ca.location failed"),
        Refused(
            yaml: "message.timeout.ms: 300000", place: "test.yaml:2: kafka.message.timeout.ms",
            text: "`message.timeout.ms` must be set <= `transaction.timeout.ms`"),
        // By its other name.
        Refused(
            yaml: "delivery.timeout.ms: 300000", place: "test.yaml:2: kafka.delivery.timeout.ms",
            text: "`message.timeout.ms` must be set <= `transaction.timeout.ms`"),
        Refused(
            yaml: "fetch.max.bytes: 100", place: "test.yaml:2: kafka.fetch.max.bytes",
            text: "`fetch.max.bytes` must be >= `message.max.bytes`"),
        Refused(
            yaml: "max.poll.interval.ms: 1000", place: "test.yaml:2: kafka.max.poll.interval.ms",
            text: "must be >= `session.timeout.ms`"),
        Refused(
            yaml: "linger.ms: 900000", place: "test.yaml:2: kafka.linger.ms",
            text: "`message.timeout.ms` must be greater than `linger.ms`"),
        Refused(
            yaml: "partition.assignment.strategy: foo", place: "test.yaml:2: kafka.partition.assignment.strategy",
            text: "Unsupported partition.assignment.strategy: foo"),
        Refused(
            yaml: "partition.assignment.strategy: cooperative-sticky",
            place: "test.yaml:2: kafka.partition.assignment.strategy",
            text: "cooperative groups (partition.assignment.strategy) need librdkafka 2.6.1 or newer"),
        Refused(
            yaml: "partition.assignment.strategy: \"${HIDDEN_TOKEN}\"", environment: ["HIDDEN_TOKEN": "hush-hush"],
            place: "test.yaml:2: kafka.partition.assignment.strategy",
            text: "Unsupported partition.assignment.strategy: ***"),
        Refused(
            yaml: "enable.gapless.guarantee: true", place: "test.yaml:2: kafka.enable.gapless.guarantee",
            text: "`enable.gapless.guarantee` requires `enable.idempotence`"),
    ]

    @Test(arguments: refused) func namesWhatOnlyAClientRefuses(_ row: Refused) throws {
        let faults = try check("kafka:\n  \(row.yaml)\n", row.environment)
        let fault = try #require(faults.first)
        #expect(faults.count == 1 && fault.text.hasPrefix("\(row.place): ") && fault.message.contains(row.text))
        #expect(!fault.text.contains("hush") && !fault.text.contains("\n"))
    }

    @Test func namesAllThatClientsRefuseAtOnce() throws {
        let yaml = """
            kafka:
              partition.assignment.strategy: foo
              fetch.max.bytes: 100
              message.timeout.ms: 300000
              enable.gapless.guarantee: true
              socket.timeout.ms: 60000
            """
        #expect(try check(yaml).map(\.line) == [2, 3, 4, 5, 6])
    }

    /// There would be no end of texts about the same value.
    @Test func triesNoClientWhereReadingHasFoundFaults() throws {
        let faults = try check("kafka:\n  linger.ms: soon\n  fetch.max.bytes: 100\n")
        #expect(faults.map(\.key) == ["kafka.linger.ms"])
    }

    @Test(arguments: ["ssl", "plaintext", "sasl_plaintext"]) func findsNothingInWhatClientsTake(_ name: String) throws {
        let environment = [
            "KAFKA_BROKERS": "127.0.0.1:1", "KAFKA_SECURITY_PROTOCOL": name, "KAFKA_SASL_MECHANISM": "PLAIN",
        ]
        let yaml = "kafka:\n  session.timeout.ms: 3600000\n  message.max.bytes: 50000000\n"
        #expect(try check(yaml, environment.merging(Self.password) { $1 }).isEmpty)
    }

    private func check(_ text: String, _ environment: [String: String] = [:]) throws -> [SettingsFault] {
        let reader = try reader(text, environment)
        let section = reader.section("kafka")
        KafkaSettings(reading: section, clientID: "test").check(section) { kafka in
            let producer = ProducerSettings(kafka: kafka)
            return [
                .administrator(kafka), TopicReader.role(kafka), ConsumerSettings(kafka: kafka, group: "g").role,
                producer.role, producer.role(transactionalID: "t", transactionTimeout: .seconds(10)),
            ]
        }
        return reader.allFaults
    }

    private func reader(_ text: String, _ environment: [String: String] = [:]) throws -> SettingsReader {
        SettingsReader(
            file: "test.yaml", node: try YAMLNode.parse(text, file: "test.yaml"), environment: environment)
    }
}
