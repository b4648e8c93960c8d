import Testing

@testable import Transfer

@Suite struct WebAddressTests {
    static let good: [(text: String, host: String, port: Int, shown: String)] = [
        ("https://example.com", "example.com", 443, "https://example.com:443"),
        ("https://example.com/hook/secret?token=x#part", "example.com", 443, "https://example.com:443"),
        ("http://127.0.0.1:8080/a", "127.0.0.1", 8080, "http://127.0.0.1:8080"),
        ("HTTPS://Example.com:8443/", "Example.com", 8443, "https://Example.com:8443"),
        ("https://[2001:db8::1]:444/x", "2001:db8::1", 444, "https://[2001:db8::1]:444"),
        ("http://2130706433/", "127.0.0.1", 80, "http://127.0.0.1:80"),
        ("http://0x7f.1/", "127.0.0.1", 80, "http://127.0.0.1:80"),
    ]

    @Test(arguments: good) func acceptsWebURLs(row: (text: String, host: String, port: Int, shown: String)) throws {
        let address = try WebAddress(row.text)
        #expect([address.host, String(address.port), address.description] == [row.host, String(row.port), row.shown])
        #expect(address.text == row.text)
    }

    static let bad: [String] = [
        "", "example.com", "/path", "ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x",
        "https://", "https://user@example.com/", "https://user:password@example.com/", "https://:p@example.com/",
        "https://@example.com/", "https://example.com\\@127.0.0.1/", "https://example.com#@127.0.0.1:x@y:z/\u{1}",
        "https://example.com/a b", "https://example.com/\r\nX: y", "https://example.com:99999/", "https://exa mple/",
        "https://example.com:port/", "javascript:alert(1)", "https://example.com/\0", "https:// example.com",
    ]

    @Test(arguments: bad) func refusesAnythingElse(text: String) {
        let failure = #expect(throws: TransferFailure.self) { try WebAddress(text) }
        #expect(failure?.kind == .badURL)
        #expect(failure?.message.contains("password@") == false)
    }
}
