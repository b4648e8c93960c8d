import Testing
import Tracing

struct SpanContextTests {
    static let invalid: [String] = [
        "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
    ]

    @Test(arguments: invalid)
    func refusesWhatIsNoTraceparent(_ text: String) {
        #expect(read(text) == nil)
    }

    static let valid: [(text: String, written: String)] = [
        (
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        ),
        (
            "00-00000000000000000000000000000001-000000000000000f-03",
            "00-00000000000000000000000000000001-000000000000000f-03"
        ),
        // A later version, and flags that nobody knows yet.
        (
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fd-what-follows",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ),
    ]

    @Test(arguments: valid)
    func writesWhatItReads(text: String, written: String) throws {
        #expect(Traceparent(try #require(read(text))).value == written)
    }

    @Test func oneTraceHasManySpans() {
        var header = Traceparent()
        var ids = SpanIDs(seed: 1)
        header.set(TraceID(high: 1, low: 2), flags: 1)
        let spans = (0..<3).map { _ in
            var text = ""
            header.withSpan(ids.next()) { text = String(decoding: $0, as: UTF8.self) }
            return text
        }
        #expect(Set(spans).count == 3)
        #expect(spans.allSatisfy { $0.hasPrefix("00-00000000000000010000000000000002-") && $0.hasSuffix("-01") })
    }

    private func read(_ text: String) -> SpanContext? {
        Array(text.utf8).withUnsafeBytes { SpanContext(traceparent: $0) }
    }
}

struct TracestateTests {
    static let long = (0..<20).map { "vendor\($0)=\(String(repeating: "x", count: 30))" }.joined(separator: ",")

    static let values: [(text: String, handedOn: String?)] = [
        ("", nil), ("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"),
        ("a=1\r\nx-evil: 1", nil), ("ü=1", nil), (String(repeating: "a", count: 600), nil),
        (long, String(long.prefix(512)[..<(long.prefix(512).lastIndex(of: ",") ?? long.startIndex)])),
    ]

    @Test(arguments: values)
    func handsOnWholeEntriesOfPrintableText(text: String, handedOn: String?) {
        #expect(Tracestate.handedOn(Array(text.utf8)) == handedOn)
    }
}
