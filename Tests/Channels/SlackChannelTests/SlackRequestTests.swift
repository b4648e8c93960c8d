import ChannelSupport
import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import SlackChannel

struct SlackRequestTests {
    static func channel() throws -> SlackChannel {
        let sales = EndpointTarget(
            url: try WebAddress("https://hooks.slack.com/services/T/B/X"),
            headers: try HTTPHeaders([("X-Team", "sales")]), timeout: .seconds(15),
            destination: Destination(name: "sales", maxInFlight: 1))
        return SlackChannel(SlackConfig(endpoints: ["sales": sales]))
    }

    static func notification(_ endpoint: String = "sales", blocks: String? = nil) -> Notification {
        Notification(
            id: "n1", channel: .slack, event: .init(id: "e", type: "t", source: "s"),
            recipient: .slack(endpoint: endpoint),
            content: .slack(text: "a \"b\" <&> é\n", blocks: blocks.map { Array($0.utf8) }))
    }

    static let bodies: [(blocks: String?, body: String)] = [
        (nil, #"{"text":"a \"b\" <&> é\n"}"#),
        (#"[ {"type": "divider"} ]"#, #"{"text":"a \"b\" <&> é\n","blocks":[ {"type": "divider"} ]}"#),
    ]

    @Test(arguments: bodies)
    func posts(blocks: String?, body: String) throws {
        let request = try Self.channel().request(
            for: Self.notification(blocks: blocks), attempt: Attempt(number: 1, at: UnixTime(milliseconds: 0)))
        guard case .http(let http) = request else { throw Refusal(deadLetter: .permanent, code: "", message: "") }
        #expect(http.url.text == "https://hooks.slack.com/services/T/B/X")
        #expect(
            http.headers.map { "\($0.name): \($0.value)" } == ["content-type: application/json", "X-Team: sales"])
        #expect(String(decoding: http.body, as: UTF8.self) == body)
    }

    @Test func refusesAnUnknownEndpoint() throws {
        let channel = try Self.channel()
        let refusal = #expect(throws: Refusal.self) { try channel.destination(of: Self.notification("orders")) }
        #expect(refusal?.deadLetter == .unknownEndpoint)
        #expect(try channel.destination(of: Self.notification()).name == "sales")
    }
}
