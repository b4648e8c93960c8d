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
    var mapper: Mapper
    private var output = MappedOutput()

    static let endpoints = [
        EndpointName(name: "orders", channel: .webhook), EndpointName(name: "sales", channel: .slack),
        EndpointName(name: "ops", channel: .slack),
    ]

    init(_ routes: String, templates: [String: String] = [:], environment: [String: String] = [:]) throws {
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
            templatesDirectory: "\(directory.path)/templates", endpoints: Self.endpoints, environment: environment)
        mapper = Mapper(table: table, contacts: contacts)
    }

    /// The default table of the repository.
    init() throws {
        let names = try EndpointsFile.names(file: Repository.path("config/endpoints.yaml"))
        let table = try RoutingTable.load(
            file: Repository.path("config/routing.yaml"), templatesDirectory: Repository.path("config/templates"),
            endpoints: names, environment: [:])
        try contacts.load(file: Repository.path("config/contacts.yaml"), environment: [:])
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

            /// Whether it is a notification of the channel, or the status that there is none.
            func concerns(_ channel: ChannelName) -> Bool { kind == .notification(channel) || kind == .status(channel) }
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
            #"{"id":"0fb3afb9-cfe8-528e-9b0b-5a0fa9f39fbb","channel":"sms",\#(event)"recipient":{"phone":"+155501001"},"content":{"text":"Order 12345678901234567890"},"route":"order-created/second","template":"t","locale":"fr-CA","priority":"normal","expires_at":"2026-11-21T02:00:00.000Z","metadata":{}}"#,
            #"{"id":"d18ef284-68eb-5781-99be-0bf6fa4cb2b5","channel":"webhook",\#(event)"recipient":{"endpoint":"orders"},"content":{"type":"order.created","timestamp":"2026-11-21T03:00:00+02:00","data":\#(json)},"route":"order-created",\#(tail)"#,
            #"{"id":"1af3f5d8-d3bc-5c80-8f54-63eea4b09b4f","channel":"webhook",\#(event)"recipient":{"url":"https://x.example.com/","endpoint":"orders"},"content":{"type":"order.created","timestamp":"2026-11-21T03:00:00+02:00","data":\#(json)},"route":"order-created",\#(tail)"#,
            #"{"id":"a8fd714c-5b4b-5b12-96e5-d494ed60f783","channel":"slack",\#(event)"recipient":{"endpoint":"sales"},"content":{"text":"*&lt;\"é\"&gt;*","blocks":[{"text":"&lt;\"é\"&gt;"}]},"route":"order-created","template":"t",\#(tail)"#,
        ]
        for (value, expected) in zip(mapped.values, expected) { #expect(value == expected) }
        #expect(mapped.records.allSatisfy { $0.key == "u1" })
    }

    @Test func putsVariablesIntoEveryValueOfTheTable() throws {
        let mapper = try MapperFixture(
            """
              - name: all
                event: ["${KIND}.created"]
                when:
                  country: ["${COUNTRY}"]
                  amount:
                    - numeric:
                        - ">"
                        - ${LEAST}
                  code: ["${LEAST}"]
                locale: ["${WHO}.locale"]
                metadata:
                  text: "${LEAST}"
                  number: ${LEAST}
                  nothing: ${NULL}
                  order: { path: "${KIND}.id" }
                notify:
                  - { channel: sms, to: ["${WHO}.phone"], template: t }
                  - { channel: webhook, to: { url: "${WHO}.url", endpoint: "${ENDPOINT}" } }
            """,
            environment: [
                "KIND": "order", "COUNTRY": "CH", "LEAST": "10", "WHO": "user", "ENDPOINT": "orders", "NULL": "null",
            ])
        let json = { (amount: Int, code: String) in
            #"""
            {"event_type":"order.created","country":"CH","amount":\#(amount),"code":\#(code),"order":{"id":7},\#
            "user":{"phone":"+15550100","locale":"fr","url":"https://x.example.com/"}}
            """#
        }
        let mapped = mapper.map(json(11, #""10""#))
        #expect(mapped.result == .mapped(notifications: 2, suppressed: 0))
        let metadata = #""metadata":{"text":"10","number":10,"nothing":"null","order":7}"#
        #expect(mapped.values.allSatisfy { $0.contains(#""locale":"fr""#) && $0.contains(metadata) })
        #expect(mapped.values.last?.contains(#"{"url":"https://x.example.com/","endpoint":"orders"}"#) == true)
        // In quotes a value stays text, without them a number is one.
        for other in [json(10, #""10""#), json(11, "10")] { #expect(mapper.map(other).values.isEmpty) }
    }

    struct IDCase: Sendable {
        let json: String
        let headers: [(String, String)]
        let id: String
    }

    /// The ids are what Python's uuid.uuid5(uuid.NAMESPACE_URL, …) gives.
    static let ids: [IDCase] = [
        IDCase(
            json: #"{"event_type":"e","event_id":"é\u20ac\n","email":"Zoë@BÜCHER.Example"}"#, headers: [],
            id: "b5464db8-9766-55d7-9af7-2642992c7a99"),
        IDCase(
            json: #"{"event_type":"e","email":"\tA+b@X.org "}"#, headers: [], id: "97c560f5-431c-52b2-b68e-41afd19f74c1"
        ),
        IDCase(
            json: #"{"event_type":"e","event_id":-12.50,"email":"a"}"#, headers: [],
            id: "f5f616da-cdf7-5ab1-bf33-b3780c865395"),
        IDCase(
            json: #"{"email":"a@b"}"#,
            headers: [("ce_type", "e"), ("ce_id", "i/1"), ("ce_source", "https://shop.example/é")],
            id: "038c6618-3c6f-5ce6-82e9-182ea1b052e0"),
        IDCase(
            json: #"{"event_type":"e","event_id":"1","email":"a@b@C.D"}"#, headers: [],
            id: "de73bfa1-8f3b-5e94-a553-1106bd5d0b23"),
    ]

    @Test func idsAreThoseOfPython() throws {
        let mapper = try MapperFixture(
            "  - { event: e, notify: [{ channel: email, to: email, template: plain }] }",
            templates: ["plain/email.subject.mustache": "s", "plain/email.text.mustache": "t"])
        for row in Self.ids {
            #expect(mapper.map(RecordFixture(json: row.json, headers: row.headers)).records.map(\.id) == [row.id])
        }
    }

    @Test func channelsReadWhatItWrites() throws {
        let mapper = try MapperFixture()
        let events = ["order.created", "order.cancelled", "payment.success", "payment.failed", "user.registered"]
        var channels: [ChannelName] = []
        for type in events {
            let mapped = mapper.map(
                #"{"event_type":"\#(type)","user_id":"test123","order_id":"ORD001","amount":99.99}"#)
            for record in mapped.records {
                guard case .notification(let channel) = record.kind else { continue }
                let notification = try Array(record.value.utf8).withUnsafeBytes {
                    try Notification.decode($0, channel: channel)
                }
                #expect(notification.id == record.id)
                #expect(notification.event.type == type)
                #expect(notification.userID == "test123" && record.key == "test123")
                #expect(notification.route == type.replacing(".", with: "-"))
                #expect(notification.priority == (type == "payment.failed" ? .high : .normal))
                channels.append(channel)
            }
        }
        #expect(channels == [.email, .webhook, .slack, .email, .sms, .email, .email, .sms, .email])
    }

    // MARK: - Recipients

    private static let email = """
          - { event: e, notify: [{ channel: email, to: [a.email, email], template: t }] }
        """

    struct RecipientCase: Sendable {
        let fields: String
        /// The normalised recipients; nil for a rejection.
        let expected: [String]?
        var rejection = ""
    }

    static let recipients: [RecipientCase] = [
        RecipientCase(fields: #""email":"a@b.C""#, expected: ["a@b.c"]),
        RecipientCase(fields: #""a":{"email":null},"email":"x""#, expected: ["x"]),
        RecipientCase(fields: #""a":{"email":""},"email":["p@q","","p@Q",null,"r@s"]"#, expected: ["p@q", "r@s"]),
        RecipientCase(fields: #""a":{"email":[]},"email":"  ""#, expected: []),
        RecipientCase(fields: #""a":{"email":"first@x"},"email":5"#, expected: ["first@x"]),
        // What the channel refuses is handed on as it is.
        RecipientCase(fields: #""email":"a@b\r\nBcc: c@d""#, expected: [#"a@b\r\nBcc: c@d"#]),
        RecipientCase(fields: #""email":"A\u0040B""#, expected: ["A@b"]),
        RecipientCase(fields: "\"x\":1", expected: []),
        RecipientCase(fields: #""email":5"#, expected: nil, rejection: "the recipient email is a number, not a string"),
        RecipientCase(
            fields: #""a":{"email":{}}"#, expected: nil, rejection: "the recipient a.email is an object, not a string"),
        RecipientCase(
            fields: #""email":["a@b",true]"#, expected: nil,
            rejection: "the recipient email.1 is a boolean, not a string"),
    ]

    @Test func findsRecipients() throws {
        let mapper = try MapperFixture(Self.email)
        for row in Self.recipients {
            let mapped = mapper.map(#"{"event_type":"e","event_id":"1","name":"n","order":{"id":1},\#(row.fields)}"#)
            guard let expected = row.expected else {
                let rejection = Rejection(.malformed, code: "wrong_type", message: row.rejection, stage: .map)
                #expect(mapped.result == .rejected(rejection) && mapped.records.isEmpty)
                continue
            }
            let suppressed = expected.isEmpty ? 1 : 0
            #expect(mapped.result == .mapped(notifications: expected.count, suppressed: suppressed), "\(row.fields)")
            let notifications = mapped.records.filter { $0.kind == .notification(.email) }
            for (record, address) in zip(notifications, expected) {
                #expect(record.value.contains(#""recipient":{"email":"\#(address)"}"#), "\(row.fields)")
            }
        }
    }

    /// Lists of recipients at every place where the default table looks for one, and nothing there.
    @Test func theDefaultTemplatesTakeEveryFormOfARecipient() throws {
        let mapper = try MapperFixture()
        for type in ["order.created", "order.cancelled", "payment.success", "payment.failed", "user.registered"] {
            for (emails, phones, count) in [
                (#"["a@x.org","b@x.org"]"#, #"["+15550100","+15550101"]"#, 2), (#""a@x.org""#, #""+15550100""#, 1),
                ("[]", "[]", 0), ("null", "null", 0),
            ] {
                let fields = #""email":\#(emails),"phone":\#(phones)"#
                for place in [fields, #""user":{\#(fields)}"#, #""recipient":{\#(fields)}"#] {
                    let mapped = mapper.map(#"{"event_type":"\#(type)","event_id":"1",\#(place)}"#)
                    for kind in [ChannelName.email, .sms] where mapped.records.contains(where: { $0.concerns(kind) }) {
                        let found = mapped.records.count { $0.kind == .notification(kind) }
                        #expect(found == count, "\(type) \(place)")
                    }
                    #expect(mapped.records.contains { $0.concerns(.email) }, "\(type) \(place): \(mapped.result)")
                }
            }
        }
    }

    @Test func asksTheContactLast() throws {
        let mapper = try MapperFixture(
            """
              - event: e
                notify:
                  - { channel: email, to: [email], template: t }
                  - { channel: sms, to: [contact.phone], template: t }
                  - { channel: slack, to: [contact.slack], template: t }
            """)
        let set = { (json: String?) in
            Array("u1".utf8).withUnsafeBytes { id in
                guard let json else { return mapper.contacts.set(id, json: nil) }
                return Array(json.utf8).withUnsafeBytes { mapper.contacts.set(id, json: $0) }
            }
        }
        #expect(set(#"{"email":"u1@x","phone":"(1) 2","name":"U One","locale":"fr","slack":"ops"}"#))
        #expect(!set("[]"))
        let event = #"{"event_type":"e","event_id":"1","name":"n","order":{"id":1},"user_id":"u1"}"#
        let known = mapper.map(event).values
        #expect(known.count == 3)
        #expect(known[0].contains(#""recipient":{"email":"u1@x","name":"U One"},"content":{"subject":"Bonjour n""#))
        #expect(known[0].contains(#""locale":"fr""#))
        #expect(known[1].contains(#""recipient":{"phone":"12"}"#))
        #expect(known[2].contains(#""recipient":{"endpoint":"ops"}"#))

        #expect(set(nil))
        let gone = mapper.map(event)
        #expect(gone.result == .mapped(notifications: 0, suppressed: 3))
        #expect(gone.records.map(\.kind) == [.status(.email), .status(.sms), .status(.slack)])
        #expect(gone.records.allSatisfy { $0.key == "1" && $0.id.isEmpty })
        #expect(
            gone.values[1] == #"""
                {"channel":"sms","status":"suppressed","attempt":0,"at":"2023-11-14T22:13:20.123Z","final":true,\#
                "event_id":"1","user_id":"u1","class":"no_recipient","code":"no_recipient",\#
                "message":"route e found no recipient at contact.phone","detail":{}}
                """#)
    }

    @Test func theKeyIsTheRecordsThenTheUsersThenTheRecipients() throws {
        let mapper = try MapperFixture(Self.email)
        let event = #"{"event_type":"e","name":"n","order":{"id":1},"email":["a@b","c@d"]"#
        #expect(mapper.map(event + "}", key: "k").records.map(\.key) == ["k", "k"])
        #expect(mapper.map(event + #","user_id":7}"#).records.map(\.key) == ["7", "7"])
        #expect(mapper.map(event + "}", key: "").records.map(\.key) == ["a@b", "c@d"])
    }

    // MARK: - Routes

    @Test func routesByNameListPrefixAndPattern() throws {
        let mapper = try MapperFixture(
            """
              - { event: order.created, notify: [{ channel: webhook, to: { endpoint: orders } }] }
              - { name: some, event: [order.paid, user.*], notify: [{ channel: webhook, to: { endpoint: orders } }] }
              - name: big
                event: order.*
                when: { amount: [{ numeric: [">", 100] }] }
                notify: [{ channel: webhook, to: { endpoint: orders } }]
            """)
        let routes = { (type: String, amount: String) in
            mapper.map(#"{"event_type":"\#(type)","amount":\#(amount)}"#).records.map(\.routeIndex)
        }
        #expect(mapper.mapper.table.routeNames == ["order-created", "some", "big"])
        #expect(routes("order.created", "1") == [0])
        #expect(routes("order.created", "101") == [0, 2])
        #expect(routes("order.paid", "1e3") == [1, 2])
        #expect(routes("user.gone", "1e3") == [1])
        #expect(mapper.map(#"{"event_type":"order.shipped","amount":1}"#).result == .unrouted)
        #expect(mapper.map(#"{"event_type":"orders","amount":1}"#).result == .unrouted)
        let long = "user." + String(repeating: "x", count: 1_000)
        #expect(routes(long, "1") == [1] && routes(long, "1") == [1])
    }

    @Test func theSameNotificationComesOnce() throws {
        let mapper = try MapperFixture(
            """
              - event: e
                notify:
                  - { channel: webhook, to: { endpoint: orders } }
                  - { channel: webhook, to: { endpoint: orders } }
                  - { channel: webhook, to: { endpoint: orders }, name: again }
              - { name: other, event: e, notify: [{ channel: webhook, to: { endpoint: orders } }] }
            """)
        let mapped = mapper.map(#"{"event_type":"e"}"#)
        #expect(mapped.result == .mapped(notifications: 3, suppressed: 0))
        #expect(Set(mapped.records.map(\.id)).count == 3)
        #expect(mapper.map(#"{"event_type":"e"}"#).records == mapped.records)
    }

    // MARK: - Rejections

    @Test func aMissingValueRejectsTheWholeEvent() throws {
        let mapper = try MapperFixture(
            """
              - event: e
                notify:
                  - { channel: webhook, to: { endpoint: orders } }
                  - { channel: sms, to: phone, template: t }
            """)
        let mapped = mapper.map(#"{"event_type":"e","phone":"1"}"#)
        let file = "\(mapper.directory.path)/templates/t/sms.text.mustache:1"
        let rejection = Rejection(
            .template, code: "missing_value", message: "route e: order.id is missing (\(file))", stage: .map)
        #expect(mapped.result == .rejected(rejection))
        #expect(mapped.records.isEmpty)
    }

    @Test func blocksMustBeAnArrayOfJSON() throws {
        let mapper = try MapperFixture(
            "  - { event: e, notify: [{ channel: slack, to: { endpoint: sales }, template: t }] }",
            templates: ["t/slack.blocks.mustache": "[{{{n}}}]", "t/slack.text.mustache": "x"])
        #expect(mapper.map(#"{"event_type":"e","n":1}"#).values.first?.contains(#""blocks":[1]"#) == true)
        let rejection = Rejection(
            .template, code: "bad_blocks", message: "route e: the Slack blocks do not render to a JSON array",
            stage: .map)
        #expect(mapper.map(#"{"event_type":"e","n":"}"}"#).result == .rejected(rejection))
    }

    @Test func aFloodOfRecipientsIsRejected() throws {
        let mapper = try MapperFixture(Self.email)
        let many = (0...1_000).map { "\"\($0)@x\"" }.joined(separator: ",")
        let mapped = mapper.map(#"{"event_type":"e","name":"n","order":{"id":1},"email":[\#(many)]}"#)
        let rejection = Rejection(
            .malformed, code: "too_many_notifications", message: "the event makes more than 1000 notifications",
            stage: .map)
        #expect(mapped.result == .rejected(rejection))
        #expect(mapped.records.isEmpty)
        #expect(mapper.map(#"{"event_type":5}"#).records.isEmpty)
    }

    /// Each of them would be compared with all that came before.
    @Test func aFloodOfDoublesIsRejected() throws {
        let mapper = try MapperFixture(Self.email)
        let many = (0...10_000).map { "\"\($0 % 10)@x\"" }.joined(separator: ",")
        let mapped = mapper.map(#"{"event_type":"e","name":"n","order":{"id":1},"email":[\#(many)]}"#)
        let rejection = Rejection(
            .malformed, code: "too_many_recipients", message: "the event makes more than 10000 recipients",
            stage: .map)
        #expect(mapped.result == .rejected(rejection))
    }

    /// For each recipient the templates look through all members of the event: their product must not hold up the stream.
    @Test func manyRecipientsOfAnEventWithManyMembersAreRejected() throws {
        let mapper = try MapperFixture(Self.email)
        let event = { (members: Int) in
            let members = (0..<members).map { #""m\#($0)":1,"# }.joined()
            let addresses = (0..<800).map { "\"\($0)@x\"" }.joined(separator: ",")
            return #"{\#(members)"event_type":"e","name":"n","order":{"id":1},"email":[\#(addresses)]}"#
        }
        guard case .rejected(let rejection) = mapper.map(event(60_000)).result else {
            Issue.record("the event was not rejected")
            return
        }
        #expect(rejection.class == .template && rejection.code == "missing_value")
        #expect(rejection.message.contains("too often in so large an event"))
        // The next event starts anew.
        #expect(mapper.map(event(100)).records.count == 800)
    }
}
