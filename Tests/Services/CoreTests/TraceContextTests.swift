import Core
import Testing

struct TraceContextTests {
    static let invalid: [String?] = [
        nil, "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
    ]

    @Test func keepsTheTraceAndItsFlagsWithNewSpans() {
        var trace = TraceContext(seed: 1)
        let spans = spans(of: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", in: &trace, count: 3)
        for span in spans {
            #expect(span.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") && span.hasSuffix("-00") && span.count == 55)
            #expect(!span.contains("b7ad6b7169203331"))
        }
        #expect(Set(spans).count == 3)
    }

    @Test(arguments: invalid)
    func makesANewTraceWhereThereIsNone(_ incoming: String?) {
        var trace = TraceContext(seed: 1)
        let first = spans(of: incoming, in: &trace, count: 2)
        let second = spans(of: incoming, in: &trace, count: 1)
        #expect(first[0].dropLast(20) == first[1].dropLast(20) && first[0].dropLast(20) != second[0].dropLast(20))
        #expect(first.allSatisfy { $0.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-01/) != nil })
    }

    private func spans(of incoming: String?, in trace: inout TraceContext, count: Int) -> [String] {
        if let incoming {
            Array(incoming.utf8).withUnsafeBytes { trace.start($0) }
        } else {
            trace.start(nil)
        }
        var spans: [String] = []
        for _ in 0..<count { trace.withNextSpan { spans.append(String(decoding: $0, as: UTF8.self)) } }
        return spans
    }
}
