import Endpoints
import Notifications
import Routing
import Settings
import TestKit
import Testing

struct RoutingTableTests {
    /// The texts of all faults, with the directory's path left out.
    private static func faults(_ yaml: String, endpoints: [EndpointName]? = MapperFixture.endpoints) -> String {
        let directory = TemporaryDirectory()
        directory.write("templates/good/email.subject.mustache", "s")
        directory.write("templates/good/email.text.mustache", "t")
        let file = directory.write("routing.yaml", yaml)
        do {
            _ = try RoutingTable.load(
                file: file, templatesDirectory: "\(directory.path)/templates", endpoints: endpoints,
                environment: ["SET_TOKEN": "hidden**"])
            return ""
        } catch {
            return error.faults.map { $0.text.replacing("\(directory.path)/", with: "") }.joined(separator: "\n")
        }
    }

    @Test func namesEveryFaultAtOnce() {
        let faults = Self.faults(
            """
            routes:
              - event: order.created
                notfy: []
              - event: [a, b]
                when: { amount: [{ numberic: [">", 0] }] }
                notify:
                  - channel: pigeon
                    to: [recipient..email]
                  - channel: webhook
                    to: { endpoint: order }
                  - channel: slack
                    to: { endpoint: orders }
                    template: good
              - name: bad/name
                event: a*b
                priority: urgent
                notify:
                  - channel: email
                    to: [contact.emial]
                    template: goof
                    expires_in: soon
                  - channel: email
                    to: { endpoint: sales }
                    template: good
                  - channel: webhook
                    to: recipient.url
                    template: good
              - event: order.created
                locale: []
                metadata: { a: { pth: x }, b: [1] }
                notify:
                  - channel: sms
                    to: phone
                    template: good
                  - channel: webhook
                    to: { url: "a b", endpont: orders }
                  - channel: email
                  - to: email
                    template: good
            """)
        #expect(
            faults == """
                routing.yaml:2: routes[0]: has no notify: write what becomes of the event
                routing.yaml:3: routes[0].notfy: unknown key (did you mean "routes[0].notify"?)
                routing.yaml:4: routes[1].name: missing; a list or a prefix of events needs one
                routing.yaml:5: routes[1].when.amount[0].numberic: unknown operator (did you mean "numeric"?)
                routing.yaml:7: routes[1].notify[0].channel: must be one of email, sms, webhook, slack, not "pigeon"
                routing.yaml:8: routes[1].notify[0].to: "recipient..email" is no path: write names with points between them, such as order.id
                routing.yaml:10: routes[1].notify[1].to.endpoint: there is no endpoint "order" (did you mean "orders"?)
                routing.yaml:12: routes[1].notify[2].to.endpoint: "orders" is an endpoint of webhook, not of slack
                routing.yaml:13: routes[1].notify[2].template: the template "good" has no files for slack
                routing.yaml:14: routes[2].name: must be 1 to 128 letters, digits, hyphens, underscores and points
                routing.yaml:15: routes[2].event: "a*b" may have a star only at its end
                routing.yaml:16: routes[2].priority: must be one of low, normal, high, critical, not "urgent"
                routing.yaml:19: routes[2].notify[0].to: a contact has only email, phone, name, locale, slack (did you mean "contact.email"?)
                routing.yaml:20: routes[2].notify[0].template: there is no template "goof" (did you mean "good"?)
                routing.yaml:21: routes[2].notify[0].expires_in: must be a duration such as 200ms, 15s, 5m, 24h or 7d, not "soon"
                routing.yaml:23: routes[2].notify[1].to: of email must be a path or a list of paths
                routing.yaml:26: routes[2].notify[2].to: of a webhook must be { endpoint: … } or { url: …, endpoint: … }
                routing.yaml:27: routes[2].notify[2].template: a webhook has none: its body is the event's data
                routing.yaml:28: routes[3].name: "order-created" is the name of the route at line 2 too
                routing.yaml:29: routes[3].locale: must not be empty
                routing.yaml:30: routes[3].metadata.a: must be a constant or { path: … }
                routing.yaml:30: routes[3].metadata.b: must be a constant or { path: … }
                routing.yaml:34: routes[3].notify[0].template: the template "good" has no files for sms
                routing.yaml:36: routes[3].notify[1].to.endpont: unknown key (did you mean "endpoint"?)
                routing.yaml:36: routes[3].notify[1].to.endpoint: must be the name of an endpoint
                routing.yaml:36: routes[3].notify[1].to.url: "a b" is no path: write names with points between them, such as order.id
                routing.yaml:37: routes[3].notify[2]: has no to: write where it goes
                routing.yaml:37: routes[3].notify[2].template: missing, and no template has the route's name "order-created"
                routing.yaml:38: routes[3].notify[3]: has no channel
                """)
    }

    static let single: [(String, String)] = [
        ("routes: []", ""),
        ("routes: {}", "routing.yaml:1: routes: must be a list"),
        ("routes:", "routing.yaml:1: routes: missing; a table without routes says routes: []"),
        (
            "route: []",
            """
            routing.yaml:1: routes: missing; a table without routes says routes: []
            routing.yaml:1: route: unknown key (did you mean "routes"?)
            """
        ),
        (
            "routes: [{ event: e, notify: [] }]",
            "routing.yaml:1: routes[0].notify: must be a list of notifications"
        ),
        (
            "routes: [{ notify: [{ channel: email, to: a, template: good }] }]",
            "routing.yaml:1: routes[0]: has no event: write a type, a list of types, or a prefix such as order.*"
        ),
        (
            "routes: [{ event: e, name: '${UNSET}', notify: [{ channel: email, to: a, template: good }] }]",
            "routing.yaml:1: routes[0].name: the variable UNSET is not set; set UNSET or UNSET_FILE in the environment"
        ),
        (
            "routes: [{ event: e/f, notify: [{ channel: email, to: a, template: good }] }]",
            "routing.yaml:1: routes[0].name: missing; \"e/f\" cannot be one: it must be 1 to 128 letters, digits, "
                + "hyphens, underscores and points"
        ),
        (
            "routes: [{ event: e, notify: [{ channel: slack, to: { url: a, endpoint: sales }, template: good }] }]",
            """
            routing.yaml:1: routes[0].notify[0].to.url: only a webhook can go to a URL of the event
            routing.yaml:1: routes[0].notify[0].template: the template "good" has no files for slack
            """
        ),
        (
            """
            routes:
              - event: e
                notify:
                  - { channel: email, to: a, template: good, name: n }
                  - { channel: email, to: b, template: good, name: n }
            """, "routing.yaml:4: routes[0].notify: two entries of one channel have the same name"
        ),
        ("routes: [", "routing.yaml:2: is not YAML: did not find expected node content while parsing a flow node"),
    ]

    @Test func namesSingleFaults() {
        for (yaml, expected) in Self.single {
            let faults = Self.faults(yaml)
            #expect(faults == expected)
        }
    }

    /// One missing variable in each place that a value can stand.
    @Test func namesEveryVariableThatIsNotSetAndNothingThatFollowsFromIt() {
        let faults = Self.faults(
            """
            routes:
              - name: all
                event: ["${A}", order.*]
                when:
                  amount: [{ numeric: [">", "${B}"] }, { prefix: "${C}" }, "${D}"]
                locale: "${E}"
                metadata: { team: "${F}", order: { path: "${G}" } }
                notify:
                  - channel: email
                    to: [email, "${H}"]
                    template: good
                  - channel: webhook
                    to: { url: "${I}", endpoint: "${J}" }
              - event: ${K}
                notify: []
            """)
        let expected = [
            (3, "routes[0].event[0]", "A"), (5, "routes[0].when.amount[0].numeric[1]", "B"),
            (5, "routes[0].when.amount[1].prefix", "C"), (5, "routes[0].when.amount[2]", "D"),
            (6, "routes[0].locale", "E"), (7, "routes[0].metadata.team", "F"),
            (7, "routes[0].metadata.order.path", "G"), (10, "routes[0].notify[0].to[1]", "H"),
            (13, "routes[0].notify[1].to.url", "I"), (13, "routes[0].notify[1].to.endpoint", "J"),
            (14, "routes[1].event", "K"),
        ].map { line, key, name in
            "routing.yaml:\(line): \(key): the variable \(name) is not set; set \(name) or \(name)_FILE in the environment"
        }
        #expect(
            faults.split(separator: "\n").map(String.init)
                == expected + ["routing.yaml:15: routes[1].notify: must be a list of notifications"])
    }

    @Test func showsNoSecretThatIsAWrongValue() {
        let faults = Self.faults(
            """
            routes:
              - event: "${SET_TOKEN}"
                when: { amount: [{ wildcard: "${SET_TOKEN}" }] }
                notify: [{ channel: webhook, to: { endpoint: "${SET_TOKEN}" } }]
            """)
        #expect(
            faults
                == [
                    "2: routes[0].event", "3: routes[0].when.amount[0].wildcard", "4: routes[0].notify[0].to.endpoint",
                ].map { "routing.yaml:\($0): has a wrong value, which may be secret and is not shown" }
                .joined(separator: "\n"))
    }

    @Test func endpointsThatAreNotKnownAreNotChecked() {
        let yaml = "routes: [{ event: e, notify: [{ channel: webhook, to: { endpoint: any } }] }]"
        #expect(Self.faults(yaml, endpoints: nil).isEmpty)
        #expect(!Self.faults(yaml).isEmpty)
    }

    @Test func faultsOfTemplatesComeWithThoseOfTheTable() {
        let directory = TemporaryDirectory()
        directory.write("templates/bad/sms.text.mustache", "a\n{{#open}}")
        let error = #expect(throws: SettingsError.self) {
            try RoutingTable.load(
                file: directory.write("routing.yaml", "routes: [{ event: e }]"),
                templatesDirectory: "\(directory.path)/templates", endpoints: nil, environment: [:])
        }
        #expect(error?.faults.map(\.line) == [1, 2])
    }
}
