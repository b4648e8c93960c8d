internal import JSONBytes
internal import Kafka
internal import Lifecycle
internal import Synchronization

/// The newest statistics of each client, read on a thread of their own. Safe to use from any thread.
final class KafkaStatistics: Sendable {
    struct Broker: Sendable, Equatable {
        struct Times: Sendable, Equatable {
            var median: Double
            var p99: Double
            var maximum: Double
        }

        /// The node's number, `bootstrap` before it is known, or the role, such as `GroupCoordinator`.
        var name: String
        var isConnected = false
        var transmitErrors = 0.0
        var receiveErrors = 0.0
        var timeouts = 0.0
        var disconnects = 0.0
        /// Seconds; nil where nothing was asked.
        var roundTrip: Times?
    }

    struct Snapshot: Sendable, Equatable {
        var isProducer = false
        var queued = 0.0
        var brokers: [Broker] = []
    }

    /// More brokers than this of one client are left out.
    static let maximumBrokers = 64

    private struct Letter: Sendable {
        let client: String
        let text: KafkaStatisticsText
    }

    private final class Newest: Sendable {
        let snapshots = Mutex<[String: Snapshot]>([:])
    }

    private let newest = Newest()
    /// When the reader cannot keep up, the next ones are dropped: only the newest matter.
    private let letters = Mailbox<Letter>(capacity: 64)
    private let thread: OSThread

    init() {
        thread = OSThread(name: "kafka-stats") { [letters, newest] in
            let document = JSONDocument()
            while !letters.isClosed {
                guard letters.wait(timeout: .seconds(3_600)) else { continue }
                for letter in letters.takeAll() {
                    guard let snapshot = letter.text.withBytes({ Self.read($0, document) }) else { continue }
                    newest.snapshots.withLock { $0[letter.client] = snapshot }
                }
            }
        }
    }

    deinit { letters.close() }

    func put(_ text: KafkaStatisticsText, client: String) { letters.put([Letter(client: client, text: text)]) }

    var snapshots: [String: Snapshot] { newest.snapshots.withLock { $0 } }

    /// What counts of one text; nil where it is no such text.
    static func read(_ bytes: UnsafeRawBufferPointer, _ document: JSONDocument) -> Snapshot? {
        guard let root = try? document.parse(bytes), let brokers = root.member("brokers") else { return nil }
        var snapshot = Snapshot(
            isProducer: root.member("type")?.string == "producer", queued: number(root, "msg_cnt"))
        brokers.forEachMember { _, value in
            guard let broker = broker(value) else { return }
            if let index = snapshot.brokers.firstIndex(where: { $0.name == broker.name }) {
                snapshot.brokers[index].merge(broker)
            } else if snapshot.brokers.count < maximumBrokers {
                snapshot.brokers.append(broker)
            }
        }
        return snapshot
    }

    private static func broker(_ value: JSONValue) -> Broker? {
        let node = value.member("nodeid")?.integer ?? -1
        let name: String
        switch value.member("source")?.string {
        // The coordinator's role, with its present address behind it.
        case "logical": name = String((value.member("name")?.string ?? "").prefix { $0 != ":" })
        case "learned", "configured": name = node >= 0 ? String(node) : "bootstrap"
        default: return nil
        }
        let state = value.member("state")?.string
        var broker = Broker(name: name, isConnected: state == "UP" || state == "UPDATE")
        broker.transmitErrors = number(value, "txerrs")
        broker.receiveErrors = number(value, "rxerrs")
        broker.timeouts = number(value, "req_timeouts")
        broker.disconnects = number(value, "disconnects")
        if let times = value.member("rtt"), number(times, "cnt") > 0 {
            broker.roundTrip = Broker.Times(
                median: number(times, "p50") / 1e6, p99: number(times, "p99") / 1e6,
                maximum: number(times, "max") / 1e6)
        }
        return broker
    }

    private static func number(_ value: JSONValue, _ key: StaticString) -> Double { value.member(key)?.double ?? 0 }
}

extension KafkaStatistics.Broker {
    /// Several bootstrap addresses are one.
    fileprivate mutating func merge(_ other: KafkaStatistics.Broker) {
        isConnected = isConnected || other.isConnected
        transmitErrors += other.transmitErrors
        receiveErrors += other.receiveErrors
        timeouts += other.timeouts
        disconnects += other.disconnects
        roundTrip = roundTrip ?? other.roundTrip
    }
}
