import Testing

@testable import Notifications

struct WireNamesTests {
    @Test func topicsAreTheContracts() {
        #expect(TopicNames.notifications(.email) == "notifications.email")
        #expect(TopicNames.retry(.sms, tier: "30s") == "notifications.sms.retry.30s")
        #expect(TopicNames.dlq(.slack) == "notifications.slack.dlq")
    }

    @Test func headersMatchExactly() {
        let name = WireHeader.retryNotBefore
        #expect(name.text == "x-retry-not-before")
        #expect(Array("x-retry-not-before".utf8).withUnsafeBytes(name.matches))
        #expect(!Array("X-retry-not-before".utf8).withUnsafeBytes(name.matches))
        #expect(!Array("x-retry".utf8).withUnsafeBytes(name.matches))
    }

    @Test func prioritiesHaveWordsAndRanks() {
        #expect(Priority.allCases.map(\.word) == ["low", "normal", "high", "critical"])
        #expect(Priority(word: "critical")?.rawValue == 3)
        #expect(Priority(word: "Critical") == nil)
        #expect(Priority.low < .critical)
    }
}
