import Endpoints
import Notifications
import Settings
import TestKit
import Testing

struct EndpointsFileTests {
    static let variables = [
        "ORDERS_WEBHOOK_URL": "https://orders.example.com/hook", "ORDERS_WEBHOOK_SECRET": "whsec_x",
    ]

    @Test func readsTheExampleForOneChannelOnly() throws {
        let file = Repository.path("config/endpoints.yaml")
        let webhooks = try EndpointsFile.load(file: file, channel: .webhook, environment: Self.variables)
        let orders = try #require(webhooks["orders"])
        #expect(webhooks.count == 1)
        #expect(orders.url == "https://orders.example.com/hook")
        #expect(orders.secrets.map(\.value) == ["whsec_x"])
        #expect(orders.headers.map { "\($0.name): \($0.value)" } == ["X-Team: orders"])
        #expect(orders.timeout == .seconds(15))
        #expect(orders.maxInFlight == 16)
        #expect(orders.rate == EndpointRate(count: 50, per: .seconds(1)))

        let slack = try EndpointsFile.load(
            file: file, channel: .slack, environment: ["SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X"])
        #expect(slack["sales"]?.rate == EndpointRate(count: 1, per: .seconds(1)))
        #expect(slack["sales"]?.secrets.isEmpty == true)
    }

    @Test func namesNeedNoVariables() throws {
        let names = try EndpointsFile.names(file: Repository.path("config/endpoints.yaml"))
        let expected = [
            EndpointName(name: "orders", channel: .webhook), EndpointName(name: "sales", channel: .slack),
        ]
        #expect(names == expected)
    }

    @Test func namesEveryFault() {
        let directory = TemporaryDirectory()
        let file = directory.write(
            "endpoints.yaml",
            """
            endpoints:
              a b:
                channel: webhook
                url: "${MISSING_URL}"
                timeout: 1x
                rate: 0/s
                max_in_flight: 0
                headers: { "X Y": z }
                outcomes: { retry: [404, 200], permanent: [404] }
              c:
                channel: webhok
                burst: 2
              d:
                chanel: slack
              e:
                channel: slack
                secrets: [x]
                ur: https://example.com
            endpoint: {}
            """)
        let error = #expect(throws: SettingsError.self) {
            try EndpointsFile.load(file: file, channel: .webhook, environment: [:])
        }
        let slack = #expect(throws: SettingsError.self) {
            try EndpointsFile.load(file: file, channel: .slack, environment: [:])
        }
        let texts = { (error: SettingsError?) in
            error?.faults.map { $0.text.replacing(file, with: "f") }.joined(separator: "\n") ?? ""
        }
        #expect(
            texts(error) == """
                f:2: endpoints.a b: an endpoint's name must be 1 to 64 letters, digits, hyphens, underscores and points
                f:2: endpoints.a b.secrets: missing; a webhook needs one secret, or two while rotating
                f:4: endpoints.a b.url: the variable MISSING_URL is not set; set MISSING_URL or MISSING_URL_FILE in the environment
                f:5: endpoints.a b.timeout: must be a duration such as 200ms, 15s, 5m, 24h or 7d, not "1x"
                f:6: endpoints.a b.rate: must be a rate such as 50/s, 600/m or 1000/h, not "0/s"
                f:7: endpoints.a b.max_in_flight: must be from 1 to 10000, not 0
                f:8: endpoints.a b.headers: "X Y" is no header name
                f:9: endpoints.a b.outcomes.retry: must be a list of HTTP statuses from 300 to 599
                f:9: endpoints.a b.outcomes.permanent: 404 is in retry too
                f:10: endpoints.c.url: missing; set endpoints.c.url in the file
                f:10: endpoints.c.secrets: missing; a webhook needs one secret, or two while rotating
                f:11: endpoints.c.channel: must be one of webhook, slack, not "webhok" (did you mean "webhook"?)
                f:12: endpoints.c.burst: limits nothing without a rate
                f:13: endpoints.d.channel: missing; set endpoints.d.channel in the file
                f:19: endpoint: unknown key
                """)
        #expect(texts(slack).contains("f:17: endpoints.e.secrets: only a webhook is signed; Slack's secret is the URL"))
        #expect(texts(slack).contains(#"f:18: endpoints.e.ur: unknown key (did you mean "endpoints.e.url"?)"#))
    }
}
