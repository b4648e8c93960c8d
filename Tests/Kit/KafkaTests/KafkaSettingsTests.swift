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

    private func reader(_ text: String, _ environment: [String: String] = [:]) throws -> SettingsReader {
        SettingsReader(
            file: "test.yaml", node: try YAMLNode.parse(text, file: "test.yaml"), environment: environment)
    }
}
