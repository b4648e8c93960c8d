import JSONBytes
import Testing

@testable import KafkaOperations

struct KafkaStatisticsTests {
    static func read(_ text: String) -> KafkaStatistics.Snapshot? {
        Array(text.utf8).withUnsafeBytes { KafkaStatistics.read($0, JSONDocument()) }
    }

    static func broker(_ name: String, _ node: Int, _ source: String, _ state: String, _ more: String = "") -> String {
        #""\#(name)":{"name":"\#(name)","nodeid":\#(node),"source":"\#(source)","state":"\#(state)""#
            + #","txerrs":1,"rxerrs":2,"req_timeouts":3,"disconnects":4\#(more)}"#
    }

    static func counted(_ name: String, isConnected: Bool, times: Double = 1) -> KafkaStatistics.Broker {
        KafkaStatistics.Broker(
            name: name, isConnected: isConnected, transmitErrors: times, receiveErrors: 2 * times, timeouts: 3 * times,
            disconnects: 4 * times)
    }

    @Test func brokersAreNamedByWhatIsBounded() {
        let brokers = [
            Self.broker("a:1/bootstrap", -1, "configured", "DOWN"),
            Self.broker("b:1/bootstrap", -1, "configured", "UP"),
            Self.broker("a:1/7", 7, "learned", "UPDATE"), Self.broker("GroupCoordinator: a:1/7", 7, "logical", "INIT"),
            Self.broker("c:1/8", 8, "configured", "UP"),
            Self.broker(":0/internal", -1, "internal", "UP"),
        ]
        let text = #"{"type":"producer","msg_cnt":12,"brokers":{\#(brokers.joined(separator: ","))}}"#
        #expect(
            Self.read(text)
                == KafkaStatistics.Snapshot(
                    isProducer: true, queued: 12,
                    brokers: [
                        Self.counted("bootstrap", isConnected: true, times: 2), Self.counted("7", isConnected: true),
                        Self.counted("GroupCoordinator", isConnected: false), Self.counted("8", isConnected: true),
                    ]))
    }

    @Test func roundTripsAreInSeconds() {
        let times = #","rtt":{"cnt":9,"p50":1500,"p99":250000,"max":1000000}"#
        let idle = #","rtt":{"cnt":0,"p50":0,"p99":0,"max":0}"#
        let brokers = [
            Self.broker("a:1/1", 1, "learned", "UP", times), Self.broker("b:1/2", 2, "learned", "UP", idle),
        ]
        let snapshot = Self.read(#"{"type":"consumer","brokers":{\#(brokers.joined(separator: ","))}}"#)
        #expect(snapshot?.brokers.first?.roundTrip == .init(median: 0.0015, p99: 0.25, maximum: 1))
        #expect(snapshot?.brokers.last?.roundTrip == nil)
    }

    @Test func aLargeClusterIsCutOff() {
        let brokers = (0..<500).map { Self.broker("b:1/\($0)", $0, "learned", "UP") }
        let snapshot = Self.read(#"{"brokers":{\#(brokers.joined(separator: ","))}}"#)
        #expect(snapshot?.brokers.count == KafkaStatistics.maximumBrokers)
    }

    @Test(arguments: ["", "{", "[]", "{}"])
    func whatIsNoStatisticsIsIgnored(text: String) {
        #expect(Self.read(text) == nil)
    }
}
