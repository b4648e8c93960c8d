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

    @Test func replacesWithWhatIsLongerShorterAndNull() {
        var headers = RecordHeaders()
        for name in ["first", "name", "last"] { headers.append(name, name) }
        for value in ["a longer value", "", "v"] {
            headers.set("name", value)
            #expect(headers.list.map { String(decoding: $0.value ?? [], as: UTF8.self) } == ["first", value, "last"])
        }
        headers.set("name", nil)
        #expect(headers["name"] == nil && headers.text("last") == "last" && headers.count == 3)
        #expect(headers.list[1] == .init(name: Array("name".utf8), value: nil))
        var same = RecordHeaders()
        same.append("first", "first")
        same.append("name", nil)
        same.append("last", "last")
        #expect(headers == same)
    }
}
