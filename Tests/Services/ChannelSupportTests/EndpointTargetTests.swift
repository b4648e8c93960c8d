import Delivery
import Notifications
import Settings
import TestKit
import Testing
import Transfer

@testable import ChannelSupport

struct EndpointTargetTests {
    /// The Slack endpoints of a file; throws the faults, without the folder's name.
    private static func targets(_ endpoint: String) throws -> [String: EndpointTarget] {
        let directory = TemporaryDirectory()
        let file = directory.write("endpoints.yaml", "endpoints:\n  a:\n    channel: slack\n" + endpoint)
        let reader = SettingsReader(file: nil, environment: ["ENDPOINTS_FILE": file])
        let targets = EndpointTargets.read(reader, channel: .slack) { endpoint in
            EndpointTarget(endpoint, ownHeaders: ["x-own"], reportingTo: reader)
        }
        try reader.finish()
        return targets
    }

    @Test func takesTheEndpointsLimits() throws {
        let yaml = """
                url: https://example.com/x
                headers: { Authorization: Bearer x }
                timeout: 3s
                max_in_flight: 2
                rate: 60/m
                burst: 2
            """
        let target = try #require(try Self.targets(yaml)["a"])
        #expect(target.url.text == "https://example.com/x")
        #expect(target.headers.map { "\($0.name): \($0.value)" } == ["Authorization: Bearer x"])
        #expect(target.timeout == .seconds(3))
        #expect(
            target.destination
                == Destination(name: "a", maxInFlight: 2, rate: .init(count: 60, per: .seconds(60), burst: 2)))
    }

    @Test func slackIsSlowByDefault() throws {
        let target = try #require(try Self.targets("    url: https://example.com")["a"])
        #expect(target.destination.rate == Destination.Rate(count: 1, per: .seconds(1), burst: 1))
        let bursting = try #require(try Self.targets("    url: https://example.com\n    burst: 3")["a"])
        #expect(bursting.destination.rate == Destination.Rate(count: 1, per: .seconds(1), burst: 3))
    }

    static let faulty: [(yaml: String, line: Int, key: String, message: String)] = [
        ("    url: https://x\n    burst: 0", 5, "endpoints.a.burst", "must be from 1 to 10000, not 0"),
        (
            "    timeout: 1s", 2, "endpoints.a.url", "missing; set endpoints.a.url in the file"
        ),
        (
            "    url: https://u:p@example.com/secret", 4, "endpoints.a.url",
            "the URL must not hold a user name or a password"
        ),
        (
            "    url: https://x\n    headers: { Host: y }", 5, "endpoints.a.headers",
            "host cannot be set for an endpoint"
        ),
        (
            "    url: https://x\n    headers: { X-Own: y }", 5, "endpoints.a.headers",
            "x-own cannot be set for an endpoint"
        ),
        (
            "    url: https://x\n    headers: { X Y: z }", 5, "endpoints.a.headers",
            "\"X Y\" is no header name"
        ),
        (
            "    url: https://x\n    headers: { X: \"a\\r\\nY: secret\" }", 5, "endpoints.a.headers",
            "the value of X holds a control character"
        ),
    ]

    @Test(arguments: faulty)
    func namesFaults(yaml: String, line: Int, key: String, message: String) {
        let error = #expect(throws: SettingsError.self) { try Self.targets(yaml) }
        #expect(error?.faults.map(\.line) == [line])
        #expect(error?.faults.map(\.key) == [key])
        #expect(error?.faults.map(\.message) == [message])
    }
}
