import Delivery
import Notifications
import Settings
import Testing
import Time
import Transfer

@testable import SMSChannel

struct SMSRequestTests {
    static func notification(to phone: String, text: String = "Hi & bye + 100% é") -> Notification {
        Notification(
            id: "n1", channel: .sms, event: .init(id: "e", type: "t", source: "s"), recipient: .sms(phone: phone),
            content: .sms(text: text))
    }

    static func channel(_ environment: [String: String] = [:]) throws -> SMSChannel {
        let reader = SettingsReader(
            file: nil,
            environment: [
                "TWILIO_ACCOUNT_SID": "AC123", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15005550006",
            ].merging(environment) { $1 })
        let config = SMSConfig(reading: reader)
        try reader.finish()
        return SMSChannel(try #require(config))
    }

    static func http(_ request: TransferRequest) throws -> HTTPRequest {
        guard case .http(let http) = request else { throw Refusal(deadLetter: .permanent, code: "", message: "") }
        return http
    }

    static let attempt = Attempt(number: 1, at: UnixTime(milliseconds: 0))

    @Test func posts() throws {
        let channel = try Self.channel()
        let notification = Self.notification(to: "+15551234567")
        let http = try Self.http(channel.request(for: notification, attempt: Self.attempt))
        #expect(http.url.text == "https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json")
        #expect(http.headers.map { "\($0.name): \($0.value)" } == ["content-type: application/x-www-form-urlencoded"])
        let auth = try #require(http.basicAuth)
        #expect(auth.user == "AC123" && auth.password == "token")
        #expect(http.timeout == .seconds(15))
        #expect(
            String(decoding: http.body, as: UTF8.self)
                == "To=%2B15551234567&From=%2B15005550006&Body=Hi+%26+bye+%2B+100%25+%C3%A9")
        #expect(try channel.destination(of: notification) == Destination(name: "sms", maxInFlight: .max))
    }

    @Test func namesAMessagingService() throws {
        let channel = try Self.channel(["TWILIO_FROM": "MG0123", "TWILIO_BASE_URL": "http://127.0.0.1:8080/"])
        let request = try channel.request(for: Self.notification(to: "+15551234567", text: "x"), attempt: Self.attempt)
        let http = try Self.http(request)
        #expect(http.url.text == "http://127.0.0.1:8080/2010-04-01/Accounts/AC123/Messages.json")
        #expect(String(decoding: http.body, as: UTF8.self) == "To=%2B15551234567&MessagingServiceSid=MG0123&Body=x")
    }

    static let phones: [(text: String, isGood: Bool)] = [
        ("+15551234567", true), ("+4930123456", true), ("+2901234", true), ("+123456789012345", true),
        ("+1234567890123456", false), ("+123456", false), ("15551234567", false), ("+05551234567", false),
        ("+1 555 123 4567", false), ("+1555123456a", false), ("not a phone", false), ("+", false),
        ("+15551234567\r\n", false), ("+１２３４５６７８", false), ("++15551234567", false),
    ]

    @Test(arguments: phones)
    func checksThePhoneNumber(text: String, isGood: Bool) throws {
        let channel = try Self.channel()
        if isGood {
            _ = try channel.request(for: Self.notification(to: text), attempt: Self.attempt)
        } else {
            let refusal = #expect(throws: Refusal.self) {
                try channel.request(for: Self.notification(to: text), attempt: Self.attempt)
            }
            #expect(refusal?.code == "bad_phone")
            #expect(refusal?.deadLetter == .permanent)
        }
    }

    static let faults: [(environment: [String: String], faults: [String])] = [
        (
            ["TWILIO_ACCOUNT_SID": "AC/../x"],
            ["environment: TWILIO_ACCOUNT_SID: must be letters and digits"]
        ),
        (
            ["TWILIO_BASE_URL": "ftp://example.com"],
            ["environment: TWILIO_BASE_URL: the URL must start with https:// (or http://)"]
        ),
        (
            ["TWILIO_AUTH_TOKEN": ""],
            [
                "configuration: twilio.auth_token: missing; set twilio.auth_token in the file or TWILIO_AUTH_TOKEN in the environment"
            ]
        ),
    ]

    @Test(arguments: faults)
    func namesSettingsFaults(environment: [String: String], faults: [String]) {
        let error = #expect(throws: SettingsError.self) { try Self.channel(environment) }
        #expect(error?.faults.map(\.text) == faults)
    }
}
