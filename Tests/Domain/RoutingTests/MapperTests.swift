import Endpoints
import Events
import JSONBytes
import Notifications
import Routing
import Settings
import TestKit
import Testing
import Time

/// A table of the test's own routes over the templates of `template(_:)`.
final class MapperFixture {
    let directory = TemporaryDirectory()
    let contacts = ContactTable()
    let mapper: Mapper
    private var output = MappedOutput()

    static let endpoints = [
        EndpointName(name: "orders", channel: .webhook), EndpointName(name: "sales", channel: .slack),
        EndpointName(name: "ops", channel: .slack),
    ]

    init(_ routes: String, templates: [String: String] = [:]) throws {
        let files = [
            "t/email.subject.mustache": "Hi {{name}}", "t/email.text.mustache": "Order {{order.id}}",
            "t/email.fr.subject.mustache": "Bonjour {{name}}", "t/email.fr.text.mustache": "Commande {{order.id}}",
            "t/sms.text.mustache": "Order {{order.id}}", "t/slack.text.mustache": "*{{name}}*",
            "t/slack.blocks.mustache": #" [{"text":"{{name}}"}] "#,
        ]
        for (name, text) in files.merging(templates, uniquingKeysWith: { $1 }) {
            directory.write("templates/\(name)", text)
        }
        let table = try RoutingTable.load(
            file: directory.write("routing.yaml", "routes:\n" + routes),
            templatesDirectory: "\(directory.path)/templates", endpoints: Self.endpoints, environment: [:])
        mapper = Mapper(table: table, contacts: contacts)
    }

    /// The default table of the repository.
    init() throws {
        let names = try EndpointsFile.names(file: Repository.path("config/endpoints.yaml"))
        let table = try RoutingTable.load(
            file: Repository.path("config/routing.yaml"), templatesDirectory: Repository.path("config/templates"),
            endpoints: names, environment: [:])
        try contacts.load(file: Repository.path("config/contacts.yaml"))
        mapper = Mapper(table: table, contacts: contacts)
    }

    struct Mapped {
        let result: MapResult
        var records: [Record] = []

        struct Record: Equatable {
            let kind: MappedRecord.Kind
            let key: String
            let value: String
            let id: String
            let routeIndex: Int
        }

        var values: [String] { records.map(\.value) }
    }

    func map(_ fixture: RecordFixture) -> Mapped {
        output.removeAll()
        let result = fixture.withRecord { mapper.map($0, into: &output) }
        let text = { (range: Range<Int>) in String(decoding: self.output.bytes[range], as: UTF8.self) }
        let records = output.records.map { record in
            Mapped.Record(
                kind: record.kind, key: text(record.key), value: text(record.value), id: text(record.id),
                routeIndex: record.routeIndex)
        }
        return Mapped(result: result, records: records)
    }

    func map(_ json: String, key: String? = nil) -> Mapped { map(RecordFixture(key: key, json: json)) }
}

struct MapperTests {
    // MARK: - The wire contract

    @Test func writesTheWireContract() throws {
        let mapper = try MapperFixture(
            """
              - event: order.created
                expires_in: 1h
                metadata: { team: sales, n: 5, order: { path: order.id }, none: { path: nope } }
                notify:
                  - { channel: email, to: [user.email], template: t, priority: critical }
                  - { channel: sms, to: phone, template: t, name: second, metadata: {} }
                  - { channel: webhook, to: { endpoint: orders } }
                  - { channel: webhook, to: { url: [callback], endpoint: orders } }
                  - { channel: slack, to: { endpoint: sales }, template: t }
            """)
        let json = #"""
            {"event_type":"order.created","event_id":"e1","user_id":"u1","timestamp":"2026-11-21T03:00:00+02:00", \#
            "user":{"email":" Ann@EXAMPLE.com ","name":"A \"n\" <n>"},"phone":"+1 (555) 010-0.1","name":"<\"é\">", \#
            "callback":"https://x.example.com/","locale":"fr-CA","order":{"id":12345678901234567890}}
            """#
        let mapped = mapper.map(json)
        #expect(mapped.result == .mapped(notifications: 5, suppressed: 0))
        let event =
            #""event":{"id":"e1","type":"order.created","source":"order.events","time":"2026-11-21T03:00:00+02:00"},"#
            + #""user_id":"u1","#
        let tail =
            #""locale":"fr-CA","priority":"normal","expires_at":"2026-11-21T02:00:00.000Z","#
            + #""metadata":{"team":"sales","n":5,"order":12345678901234567890}}"#
        // The ids are those of Python's uuid.uuid5(NAMESPACE_URL, …).
        let expected = [
            #"{"id":"6e18420e-c3fc-5676-b671-1982531c7b08","channel":"email",\#(event)"recipient":{"email":"Ann@example.com","name":"A \"n\" <n>"},"content":{"subject":"Bonjour <\"é\">","text":"Commande 12345678901234567890"},"route":"order-created","template":"t","#
                + tail.replacing("normal", with: "critical"),
            #"{"id":"0fb3afb9-cfe8-528e-9b0b-5a0fa9f39fbb","channel":"sms",\#(event)"recipient":{"phone":"+155501001"},"content":{"text":"Order 12345678901234567890"},"route":"order-created/second","template":"t","locale":"fr-CA","priority":"normal","expires_at":"2026-11-21T02:00:00.000Z"}"#,
            #"{"id":"d18ef284-68eb-5781-99be-0bf6fa4cb2b5","channel":"webhook",\#(event)"recipient":{"endpoint":"orders"},"content":{"type":"order.created","timestamp":"2026-11-21T03:00:00+02:00","data":\#(json)},"route":"order-created",\#(tail)"#,
            #"{"id":"1af3f5d8-d3bc-5c80-8f54-63eea4b09b4f","channel":"webhook",\#(event)"recipient":{"url":"https://x.example.com/","endpoint":"orders"},"content":{"type":"order.created","timestamp":"2026-11-21T03:00:00+02:00","data":\#(json)},"route":"order-created",\#(tail)"#,
            #"{"id":"a8fd714c-5b4b-5b12-96e5-d494ed60f783","channel":"slack",\#(event)"recipient":{"endpoint":"sales"},"content":{"text":"*&lt;\"é\"&gt;*","blocks":[{"text":"&lt;\"é\"&gt;"}]},"route":"order-created","template":"t",\#(tail)"#,
        ]
        for (value, expected) in zip(mapped.values, expected) { #expect(value == expected) }
        #expect(mapped.records.allSatisfy { $0.key == "u1" })
    }
}
