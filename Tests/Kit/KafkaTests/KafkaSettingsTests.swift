import Testing

@testable import Kafka

struct KafkaSettingsTests {
    @Test func namesEveryPropertyThatLibrdkafkaOrThePromisesRefuse() {
        var settings = KafkaSettings(brokers: "127.0.0.1:9094", clientID: "test")
        #expect(settings.validate().isEmpty)
        settings.properties = [("linger.ms", "soon"), ("no.such.thing", "1"), ("acks", "0"), ("fetch.min.bytes", "1")]
        settings.security.protocolName = "sasl"
        let faults = settings.validate()
        #expect(faults.count == 4)
        #expect(faults.contains { $0.contains("security.protocol") } && faults.contains { $0.contains("linger.ms") })
        #expect(faults.contains { $0.contains("no.such.thing") } && faults.contains { $0.contains("acks") })
    }
}
