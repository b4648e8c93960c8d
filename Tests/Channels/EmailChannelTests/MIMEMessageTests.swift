import Testing

@testable import EmailChannel

struct MIMEMessageTests {
    @Test func writesOnePartForTextAlone() {
        let message = MIMEMessage(fields: [], text: "Hi\nthere", html: nil, identifier: "n1")
        #expect(
            String(decoding: message.serialized(), as: UTF8.self) == """
                MIME-Version: 1.0\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: 7bit\r
                \r
                Hi\r
                there\r

                """)
    }

    @Test func writesAlternatives() {
        let message = MIMEMessage(fields: [], text: "Grüße = 1 \n", html: "<p>日本</p>", identifier: "n1")
        #expect(
            String(decoding: message.serialized(), as: UTF8.self) == """
                MIME-Version: 1.0\r
                Content-Type: multipart/alternative;\r
                 boundary="=_n1"\r
                \r
                --=_n1\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: base64\r
                \r
                R3LDvMOfZSA9IDEgDQo=\r
                --=_n1\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: base64\r
                \r
                PHA+5pel5pysPC9wPg==\r
                --=_n1--\r

                """)
    }

    static let encodings: [(text: String, encoding: TextPart.Encoding)] = [
        ("", .sevenBit), ("a\r\nb\n", .sevenBit), (".\n..", .sevenBit), ("trailing \nblank", .quotedPrintable),
        ("--=_n1", .quotedPrintable), (String(repeating: "x", count: 77), .quotedPrintable),
        ("mostly ascii with one é", .quotedPrintable), ("a\0b and some more of it", .quotedPrintable), ("日本", .base64),
    ]

    @Test(arguments: encodings)
    func choosesTheEncoding(text: String, encoding: TextPart.Encoding) {
        #expect(TextPart(text, type: "text/plain").encoding == encoding)
    }

    static let quoted: [(text: String, encoded: String)] = [
        ("a=b", "a=3Db"), ("é", "=C3=A9"), ("a \r\nb\t", "a=20\r\nb=09"), ("a b", "a b"), ("\0", "=00"),
        (String(repeating: "x", count: 76), String(repeating: "x", count: 75) + "=\r\nx"),
        (
            String(repeating: "=", count: 1_000),
            Array(repeating: String(repeating: "=3D", count: 25), count: 40).joined(separator: "=\r\n")
        ),
        (String(repeating: "é", count: 13), String(repeating: "=C3=A9", count: 12) + "=C3=\r\n=A9"),
    ]

    @Test(arguments: quoted)
    func quotes(text: String, encoded: String) {
        var output: [UInt8] = []
        QuotedPrintable.append(Array(text.utf8), to: &output)
        #expect(String(decoding: output, as: UTF8.self) == encoded)
    }
}
