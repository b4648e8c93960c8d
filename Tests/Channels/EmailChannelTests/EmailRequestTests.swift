import Delivery
import Notifications
import Testing
import Time
import Transfer

@testable import EmailChannel

struct EmailRequestTests {
    @Test func writesTheHeaderFields() throws {
        var config = Samples.config(replyTo: "help@example.com")
        config.listUnsubscribe = try ListUnsubscribe(
            links: ["https://example.com/u?n={id}&u={user_id}", "mailto:unsubscribe@example.com"], acceptsPost: true)
        let message = try Samples.message(of: Samples.notification(name: "Ann", subject: "Größe"), config)
        #expect(
            message == """
                Date: Sat, 21 Nov 2026 03:00:00 +0000\r
                From: Shop <shop@Example.com>\r
                Reply-To: help@example.com\r
                To: Ann <a@example.com>\r
                Subject: =?UTF-8?B?R3LDtsOfZQ==?=\r
                Message-ID: <3f0c1f5e-0000-5000-8000-000000000001@example.com>\r
                List-Unsubscribe: <https://example.com/u?n=3f0c1f5e-0000-5000-8000-000000000001&u=u%201%2F%C3%A4>,\r
                 <mailto:unsubscribe@example.com>\r
                List-Unsubscribe-Post: List-Unsubscribe=One-Click\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: 7bit\r
                \r
                Hi\r

                """)
    }

    /// The mail waits for a session where the engine cannot see it any more.
    @Test(arguments: [nil, UnixTime(milliseconds: 1_795_230_060_000)])
    func takesTheTimeLimitAlong(expiresAt: UnixTime?) throws {
        let notification = Samples.notification(expiresAt: expiresAt)
        let request = try EmailRequest(Samples.config()).request(for: notification, attempt: Samples.attempt)
        if case .mail(let mail) = request { #expect(mail.notAfter == expiresAt) } else { Issue.record("no mail") }
    }

    @Test func leavesOutALinkWhoseValueIsMissing() throws {
        let links = try ListUnsubscribe(
            links: ["https://example.com/{user_id}", "mailto:u@example.com"], acceptsPost: true)
        let notification = Samples.notification(userID: nil)
        let lines = links.fields(for: notification).map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(lines == ["List-Unsubscribe: <mailto:u@example.com>"])
    }

    static let badLinks: [(links: [String], acceptsPost: Bool)] = [
        (["http://example.com"], false), (["https://example.com/{email}"], false), (["https://example.com/ a"], false),
        (["https://example.com/>\r\nX: y"], false), (["mailto:a@b"], true),
    ]

    @Test(arguments: badLinks)
    func refusesBadLinks(links: [String], acceptsPost: Bool) {
        #expect(throws: ListUnsubscribe.Fault.self) { try ListUnsubscribe(links: links, acceptsPost: acceptsPost) }
    }

    @Test func addressesTheEnvelope() throws {
        let request = try EmailRequest(Samples.config()).request(
            for: Samples.notification(to: " jürgen@example.com "), attempt: Samples.attempt)
        guard case .mail(let mail) = request else { throw Refusal(deadLetter: .permanent, code: "", message: "") }
        #expect(mail.from == "shop@Example.com")
        #expect(mail.to == "jürgen@example.com")
        #expect(mail.needsUTF8)
        #expect(mail.timeout == .seconds(60))
    }

    static let refused: [(notification: Notification, code: String)] = [
        (Samples.notification(to: "a@example.com\r\nRCPT TO:<x@example.com>"), "bad_address"),
        (Samples.notification(to: "nobody"), "bad_address"),
        (Samples.notification(name: "A\r\nBcc: x@example.com"), "bad_name"),
        (Samples.notification(subject: "A\r\nBcc: x@example.com"), "bad_subject"),
        (Samples.notification(subject: "A\0"), "bad_subject"),
    ]

    @Test(arguments: refused)
    func refuses(notification: Notification, code: String) {
        let refusal = #expect(throws: Refusal.self) {
            try EmailRequest(Samples.config()).request(for: notification, attempt: Samples.attempt)
        }
        #expect(refusal?.deadLetter == .permanent)
        #expect(refusal?.code == code)
        #expect(refusal?.message.contains("example.com") == false)
    }

    @Test func isTheSameForTheSameNotificationAndTime() throws {
        let notification = Samples.notification(text: "é", html: "<p>é</p>")
        #expect(try Samples.message(of: notification) == Samples.message(of: notification))
    }
}
