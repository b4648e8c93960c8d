import Events
import Glibc
import Routing

/// Measures the core's mapping: read, match, find recipients, make ids, render, write; without Kafka.
enum MapBench {
    private static let types = [
        "order.created", "order.cancelled", "payment.success", "payment.failed", "user.registered", "nobody.wants.this",
    ]

    /// Maps `rounds` events of each type with the routes, templates and contacts of `directory`.
    static func run(directory: String, rounds: Int) throws {
        let table = try RoutingTable.load(
            file: "\(directory)/routing.yaml", templatesDirectory: "\(directory)/templates", endpoints: nil,
            environment: [:])
        let contacts = ContactTable()
        let user = Array("test123".utf8)
        let contact = Array(#"{"email":"test123@example.com","phone":"+15550100123","name":"Taylor"}"#.utf8)
        user.withUnsafeBytes { user in contact.withUnsafeBytes { _ = contacts.set(user, json: $0) } }
        let mapper = Mapper(table: table, contacts: contacts)
        for type in types {
            let event = Array(
                #"""
                {"event_type":"\#(type)","event_id":"e-000001","user_id":"test123","order_id":"ORD001","amount":99.99,\#
                "currency":"EUR","items":[{"sku":"A-1","name":"Pen","quantity":2,"price":1.5},{"sku":"B-7","name":\#
                "Book","quantity":1,"price":25.0}],"timestamp":"2026-11-21T01:00:00Z","note":"about 300 bytes"}
                """#.utf8)
            measure(mapper, event, type, rounds)
        }
    }

    private static func measure(_ mapper: Mapper, _ event: [UInt8], _ type: String, _ rounds: Int) {
        var output = MappedOutput()
        let topic = Array("order.events".utf8)
        let nanoseconds = topic.withUnsafeBytes { topic in
            event.withUnsafeBytes { event in
                let record = InputRecord(
                    topic: topic, partition: 0, offset: 1, timestamp: 1_700_000_000_000, key: nil, value: event)
                let start = processorTime()
                for _ in 0..<rounds {
                    output.removeAll()
                    _ = mapper.map(record, into: &output)
                }
                return (processorTime() - start) / rounds
            }
        }
        print(
            "\(type): \(event.count) bytes, \(output.records.count) records of \(output.bytes.count) bytes, \(nanoseconds) ns"
        )
    }

    /// Of this process, in nanoseconds: what other processes take does not count.
    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
