import Testing

@testable import SMSChannel

struct SegmentsTests {
    static let counted: [(text: String, encoding: Segments.Encoding, count: Int)] = [
        ("", .gsm7, 1), ("Hello", .gsm7, 1), (repeated("a", 160), .gsm7, 1), (repeated("a", 161), .gsm7, 2),
        (repeated("a", 306), .gsm7, 2), (repeated("a", 307), .gsm7, 3), (repeated("€", 80), .gsm7, 1),
        (repeated("€", 81), .gsm7, 2),
        // An escaped character is not split: 152 + 2 septets leave one of the first part unused.
        (repeated("a", 152) + "€" + repeated("a", 151), .gsm7, 2),
        (repeated("a", 152) + "€" + repeated("a", 152), .gsm7, 3),
        (repeated("é", 160), .gsm7, 1), ("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r", .gsm7, 1),
        ("^{}\\[~]|€\u{0C}", .gsm7, 1), ("`", .ucs2, 1), ("\t", .ucs2, 1), ("ç", .ucs2, 1), ("日", .ucs2, 1),
        (repeated("日", 70), .ucs2, 1), (repeated("日", 71), .ucs2, 2), (repeated("日", 134), .ucs2, 2),
        (repeated("日", 135), .ucs2, 3), (repeated("😀", 35), .ucs2, 1), (repeated("😀", 36), .ucs2, 2),
        // 67 units hold 33 pairs; the last unit of a part stays empty.
        (repeated("😀", 66), .ucs2, 2), (repeated("😀", 67), .ucs2, 3), (repeated("a", 70) + "😀", .ucs2, 2),
    ]

    @Test(arguments: counted)
    func counts(text: String, encoding: Segments.Encoding, count: Int) {
        let segments = Segments(text)
        #expect(segments.encoding == encoding)
        #expect(segments.count == count)
    }

    private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
}
