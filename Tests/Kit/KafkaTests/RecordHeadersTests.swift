import Testing

@testable import Kafka

struct RecordHeadersTests {
    @Test func replacesInPlaceAndRemovesDoubles() {
        var headers = RecordHeaders()
        headers.append("a", "1")
        headers.append("b", "2")
        headers.append("a", "3")
        headers.append("empty", [])
        headers.append("null", nil)
        #expect(headers.text("a") == "3")
        headers.set("a", "4")
        headers.set("new", "5")
        headers.remove("b")
        #expect(headers.list.map { String(decoding: $0.name, as: UTF8.self) } == ["a", "empty", "null", "new"])
        #expect(headers.list.map(\.value) == [Array("4".utf8), [], nil, Array("5".utf8)])
    }
}
