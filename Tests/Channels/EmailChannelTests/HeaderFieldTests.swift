import Testing

@testable import EmailChannel

struct HeaderFieldTests {
    static let written: [(text: String, line: String)] = [
        ("", "Subject: "), ("Your order ORD001", "Subject: Your order ORD001"), ("a\tb", "Subject: a b"),
        ("Größe", "Subject: =?UTF-8?B?R3LDtsOfZQ==?="),
        ("Your order in Zürich (1)", "Subject: =?UTF-8?Q?Your_order_in_Z=C3=BCrich_=281=29?="),
        ("日本", "Subject: =?UTF-8?B?5pel5pys?="),
        ("a =?UTF-8?Q?b?=", "Subject: =?UTF-8?B?YSA9P1VURi04P1E/Yj89?="),
        (" lead", "Subject: =?UTF-8?Q?_lead?="), ("a  b", "Subject: =?UTF-8?Q?a__b?="),
        (
            "A long subject with many short words that does not fit into one line of a mail at all",
            "Subject: A long subject with many short words that does not fit into one\r\n line of a mail at all"
        ),
    ]

    @Test(arguments: written)
    func writesText(text: String, line: String) throws {
        let field = try #require(HeaderField("Subject", text: text))
        #expect(String(decoding: field.bytes, as: UTF8.self) == line)
    }

    static let hostile: [String] = [
        "a\r\nBcc: x@y", "a\nb", "a\rb", "a\0b", "\u{7F}", "a\u{1B}[2J", "\r\n", "é\r\n\r\nbody",
    ]

    @Test(arguments: hostile)
    func refusesControlCharacters(text: String) throws {
        #expect(HeaderField("Subject", text: text) == nil)
        #expect(HeaderField("List-Unsubscribe", words: [text]) == nil)
        let address = try #require(MailAddress("a@b"))
        #expect(Mailbox(address: address, name: text) == nil)
    }

    static let mailboxes: [(name: String?, line: String)] = [
        (nil, "To: a@b"), ("Ann Lee", "To: Ann Lee <a@b>"), ("Lee, Ann", "To: \"Lee, Ann\" <a@b>"),
        ("A \"B\" \\ C", "To: \"A \\\"B\\\" \\\\ C\" <a@b>"), ("Zoë", "To: =?UTF-8?Q?Zo=C3=AB?= <a@b>"),
        ("<x@y>", "To: \"<x@y>\" <a@b>"),
    ]

    @Test(arguments: mailboxes)
    func writesMailboxes(name: String?, line: String) throws {
        let address = try #require(MailAddress("a@b"))
        let mailbox = try #require(Mailbox(address: address, name: name))
        #expect(String(decoding: HeaderField("To", mailbox: mailbox).bytes, as: UTF8.self) == line)
    }

    static let long: [String] = [
        String(repeating: "ü", count: 200), String(repeating: "日", count: 100), String(repeating: "😀", count: 60),
        String(repeating: "x", count: 300), "a" + String(repeating: "é日😀 ", count: 50),
    ]

    @Test(arguments: long)
    func splitsBetweenCharacters(text: String) throws {
        let field = try #require(HeaderField("Subject", text: text))
        let lines = String(decoding: field.bytes, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.count > 1)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 })
        // Every encoded word has its own valid text, so a reader that decodes word by word loses nothing.
        let words = lines.map { $0.drop { $0 != "=" } }
        #expect(words.allSatisfy { $0.utf8.count <= 75 && $0.hasPrefix("=?UTF-8?") && $0.hasSuffix("?=") })
    }
}
