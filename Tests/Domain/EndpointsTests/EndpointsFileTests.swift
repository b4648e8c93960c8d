import Notifications
import Settings
import Testing

@testable import Endpoints

struct EndpointsFileTests {
    private static func reader(_ yaml: String, _ environment: [String: String] = [:]) throws -> SettingsReader {
        SettingsReader(
            file: "endpoints.yaml", node: try YAMLNode.parse(yaml, file: "endpoints.yaml"), environment: environment)
    }

    private static func read(
        _ yaml: String, _ channel: ChannelName, _ environment: [String: String] = [:]
    ) throws -> [String: Endpoint] {
        let reader = try reader(yaml, environment)
        let endpoints = EndpointsFile.read(reader, channel: channel) { endpoint, _ in endpoint }
        try reader.finish()
        return endpoints
    }

    static let sample = """
        endpoints:
          orders:
            channel: webhook
            url: "${ORDERS_WEBHOOK_URL}"
            secrets: ["${ORDERS_WEBHOOK_SECRET}", whsec_b]
            headers: { X-Team: orders }
            timeout: 5s
            max_in_flight: 3
            rate: 50/s
            burst: 9
            outcomes: { retry: [404], permanent: [500, 503] }
          sales:
            channel: slack
            url: "${SLACK_WEBHOOK_URL}"
        """

    @Test func readsOnlyItsOwnChannel() throws {
        let variables = ["ORDERS_WEBHOOK_URL": "https://x", "ORDERS_WEBHOOK_SECRET": "whsec_a"]
        let endpoints = try Self.read(Self.sample, .webhook, variables)
        #expect(Array(endpoints.keys) == ["orders"])
        let orders = try #require(endpoints["orders"])
        #expect(orders.url.value == "https://x")
        #expect(orders.secrets.map(\.value) == ["whsec_a", "whsec_b"])
        #expect(orders.headers.map { "\($0.name): \($0.value)" } == ["X-Team: orders"])
        #expect(orders.timeout == .seconds(5) && orders.maxInFlight == 3 && orders.burst == 9)
        #expect(orders.rate == SendRate("50/s"))
        #expect(orders.retryStatuses == [404] && orders.permanentStatuses == [500, 503])
    }

    @Test func hasDefaults() throws {
        let sales = try #require(try Self.read(Self.sample, .slack, ["SLACK_WEBHOOK_URL": "https://y"])["sales"])
        #expect(sales.timeout == .seconds(15) && sales.maxInFlight == 4)
        #expect(sales.rate == nil && sales.burst == nil && sales.headers.isEmpty && sales.secrets.isEmpty)
    }

    @Test func namesNeedNoVariable() throws {
        let reader = try Self.reader(Self.sample)
        let names = EndpointsFile.names(reader)
        try reader.finish()
        #expect(names.map(\.name) == ["orders", "sales"])
        #expect(names.map(\.channel) == [.webhook, .slack])
    }

    static let faulty: [(yaml: String, faults: [String])] = [
        (
            "endpoints:\n  a:\n    chanel: webhook",
            [
                "endpoints.yaml:2: endpoints.a.channel: missing; set endpoints.a.channel in the file"
            ]
        ),
        (
            "endpoints:\n  a:\n    channel: slak\n  \"b c\":\n    channel: webhook\n    url: x\n    rate: fast",
            [
                "endpoints.yaml:3: endpoints.a.channel: must be webhook or slack, not \"slak\" (did you mean \"slack\"?)",
                "endpoints.yaml:4: endpoints.b c: a name is 1 to 64 letters, digits, points, hyphens and underscores",
                "endpoints.yaml:7: endpoints.b c.rate: must be a rate such as 50/s, 100/m or 1/10s, not \"fast\"",
            ]
        ),
        (
            "endpoints:\n  a:\n    channel: webhook\n    url: ${NO_URL}\n    outcomes:\n      retry: [200]\n    tiemout: 3s",
            [
                "endpoints.yaml:4: endpoints.a.url: the variable NO_URL is not set; "
                    + "set NO_URL or NO_URL_FILE in the environment",
                "endpoints.yaml:6: endpoints.a.outcomes.retry: must be a list of HTTP statuses from 300 to 599",
                "endpoints.yaml:7: endpoints.a.tiemout: unknown key (did you mean \"endpoints.a.timeout\"?)",
            ]
        ),
        (
            "endpoints:\n  a:\n    channel: webhook\n    url: x\n    outcomes: { retry: [404], permanent: [404] }",
            ["endpoints.yaml:5: endpoints.a.outcomes.permanent: 404 stands under retry too"]
        ),
    ]

    @Test(arguments: faulty)
    func namesEveryFault(yaml: String, faults: [String]) {
        let error = #expect(throws: SettingsError.self) { try Self.read(yaml, .webhook) }
        #expect(error?.faults.map(\.text) == faults)
    }

    static let rates: [(text: String, count: Int?, per: Duration)] = [
        ("50/s", 50, .seconds(1)), ("1/10s", 1, .seconds(10)), ("100/m", 100, .seconds(60)),
        ("5/200ms", 5, .milliseconds(200)), ("1/h", 1, .seconds(3_600)), ("0/s", nil, .zero), ("5", nil, .zero),
        ("/s", nil, .zero), ("5/", nil, .zero), ("5/0s", nil, .zero), ("-5/s", nil, .zero), ("5/s/s", nil, .zero),
        ("1.5/s", nil, .zero),
    ]

    @Test(arguments: rates)
    func readsRates(text: String, count: Int?, per: Duration) {
        let rate = SendRate(text)
        #expect(rate?.count == count)
        #expect(rate == nil || rate?.per == per)
    }
}
