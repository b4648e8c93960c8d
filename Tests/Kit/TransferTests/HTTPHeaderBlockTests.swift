import Testing

@testable import Transfer

struct HTTPHeaderBlockTests {
    private let block = Array(
        "HTTP/1.1 200 OK\r\nX-A: 1\r\nretry-AFTER:\t7 \r\nno header\r\n: none\r\nx-a: 2\r\nX-Empty:\r\nX-B:last".utf8)

    @Test func readsEveryHeader() {
        let headers = HTTPHeaderBlock.parse(block).map { "\($0.name)=\($0.value)" }
        #expect(headers == ["x-a=1", "retry-after=7", "x-a=2", "x-empty=", "x-b=last"])
        #expect(HTTPHeaderBlock.parse([]).isEmpty)
    }

    @Test func findsTheFirstOfAName() {
        let names = ["x-a", "retry-after", "x-empty", "x-b", "x", "http/1.1 200 ok"]
        let values = names.map { HTTPHeaderBlock.value(of: $0, in: block) }
        #expect(values == ["1", "7", "", "last", nil, nil])
    }
}
