import JSONBytes
import Routing
import Testing

/// The ids against a second implementation of RFC 9562, which the RFC's own vector pins down.
struct NotificationIDTests {
    @Test func theReferenceGivesTheVectorOfTheRFC() {
        // RFC 9562, appendix A.4.
        let dns: [UInt8] = [
            0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
        ]
        #expect(
            ReferenceUUID.version5(namespace: dns, name: Array("www.example.com".utf8))
                == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    /// Made with Python's `uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts))`.
    static let known: [(parts: [String], id: String)] = [
        (["order.events", "e1", "order-created", "email", "ada@example.com"], "8d4b7e4c-c7aa-5627-911d-c28da2aa57a7"),
        (["/shop/eu", "42", "r/copy", "sms", "+15550100123"], "2b326af0-6e8f-5a78-a7cb-7664aa554e46"),
        (["ä", "\n", "x", "webhook", "https://example.com/ü?a=😀"], "b452cc80-cf5c-584f-821c-f9a76fbe553e"),
        (["s", String(repeating: "e", count: 200), "r", "slack", "sales"], "226c8fff-5774-5429-b9b6-463dec0b5ee1"),
    ]

    @Test(arguments: known)
    func givesWhatPythonGives(_ row: (parts: [String], id: String)) {
        var ids = NotificationID()
        #expect(Self.id(&ids, row.parts.map { Array($0.utf8) }) == row.id)
        let name = Array(row.parts.joined(separator: "\n").utf8)
        #expect(ReferenceUUID.version5(namespace: Self.url, name: name) == row.id)
    }

    /// One maker of ids for all events, as the core has: nothing of a longer name is left in a shorter one.
    @Test func givesTheSameAsTheReferenceForAnyBytes() {
        var state: UInt64 = 20_261_121
        var ids = NotificationID()
        for length in (0..<140).map({ $0 * 7 % 140 }) + [4_096, 1, 65_536, 0] {
            var parts = (0..<5).map { _ in
                (0..<length).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1
                    return UInt8(state >> 56)
                }
            }
            parts[3] = Array("email".utf8)
            let expected = ReferenceUUID.version5(namespace: Self.url, name: Array(parts.joined(separator: [0x0A])))
            #expect(Self.id(&ids, parts) == expected, "parts of \(length) bytes")
        }
    }

    /// 6ba7b811-9dad-11d1-80b4-00c04fd430c8
    private static let url: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
    ]

    /// Source, id, route, channel and recipient.
    private static func id(_ ids: inout NotificationID, _ parts: [[UInt8]]) -> String {
        var output = ByteBuffer()
        parts[0].withUnsafeBytes { source in parts[1].withUnsafeBytes { ids.begin(source: source, id: $0) } }
        parts[4].withUnsafeBytes { recipient in
            ids.append(route: parts[2], channel: word(parts[3]), recipient: recipient, to: &output)
        }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private static func word(_ channel: [UInt8]) -> StaticString {
        switch String(decoding: channel, as: UTF8.self) {
        case "sms": "sms"
        case "webhook": "webhook"
        case "slack": "slack"
        default: "email"
        }
    }
}
