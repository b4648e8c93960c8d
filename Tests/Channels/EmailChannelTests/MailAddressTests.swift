import Testing

@testable import EmailChannel

struct MailAddressTests {
    static let accepted: [(text: String, domain: String, needsUTF8: Bool)] = [
        ("a@example.com", "example.com", false),
        (" first.last+tag@Mail.Example.COM ", "mail.example.com", false),
        ("o'neil_{x}~!#$%&*/=?^`|@b", "b", false),
        ("user@localhost", "localhost", false),
        ("jürgen@example.com", "example.com", true),
        ("a@münchen.example", "münchen.example", true),
        (String(repeating: "l", count: 64) + "@example.com", "example.com", false),
    ]

    @Test(arguments: accepted)
    func accepts(text: String, domain: String, needsUTF8: Bool) throws {
        let address = try #require(MailAddress(text))
        #expect(address.domain == domain)
        #expect(address.needsUTF8 == needsUTF8)
        #expect(!address.text.hasPrefix(" ") && !address.text.hasSuffix(" "))
    }

    static let refused: [String] = [
        "", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b\n", "a\r@b", "a@b\0",
        "a\u{0}@b",
        "a\t@b", "<a@b>", "a@b>", "a,b@c", "a;b@c", "a:b@c", "\"a\"@b", "a\\@b", "a(x)@b", ".a@b", "a.@b", "a..b@c",
        "a@.b", "a@b.", "a@b..c", "a@-b", "a@b-", "a@[127.0.0.1]", "a@b_c", "a@\u{7F}b", "a\u{0B}@b",
        String(repeating: "l", count: 65) + "@example.com", "a@" + String(repeating: "d", count: 64),
        "a@" + String(repeating: "d.", count: 130) + "d",
    ]

    @Test(arguments: refused)
    func refuses(text: String) {
        #expect(MailAddress(text) == nil)
    }

    static let configured: [(text: String, address: String?, name: String?)] = [
        ("a@b", "a@b", nil), ("Shop <a@b>", "a@b", "Shop"), ("\"A, B\" <a@b>", "a@b", "A, B"), ("<a@b>", "a@b", nil),
        ("Shop <a@b", nil, nil), ("Shop a@b", nil, nil), ("Sh\r\nop <a@b>", nil, nil),
        ("A <b@c> <a@b>", "a@b", "A <b@c>"),
    ]

    @Test(arguments: configured)
    func readsConfiguredMailboxes(text: String, address: String?, name: String?) {
        let mailbox = Mailbox(configured: text)
        #expect(mailbox?.address.text == address)
        #expect(mailbox?.name == name)
    }
}
