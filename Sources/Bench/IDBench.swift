import JSONBytes
import Routing

/// Making the deterministic id of a notification.
enum IDBench {
    static func run(_ options: BenchOptions) throws {
        var ids = NotificationID()
        var output = ByteBuffer()
        let route = Array("order-created".utf8)
        let texts = ["order.events", "e-000001", "test123@example.com"].map { Array($0.utf8) }
        texts[0].withUnsafeBytes { source in
            texts[1].withUnsafeBytes { id in
                texts[2].withUnsafeBytes { recipient in
                    let cost = Meter.measure(options.rounds) {
                        output.removeAll()
                        ids.begin(source: source, id: id)
                        ids.append(route: route, channel: "email", recipient: recipient, to: &output)
                    }
                    cost.print("id", detail: "\(output.count) bytes")
                }
            }
        }
    }
}
