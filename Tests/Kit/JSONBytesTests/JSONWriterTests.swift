import Foundation
import JSONBytes
import Testing

struct JSONWriterTests {
    @Test func putsCommasWhereTheyBelong() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.integer(1)
        writer.key("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.string("x")
        writer.endArray()
        writer.key("c")
        writer.raw(#"{"kept": 1.0}"#)
        writer.endObject()
        #expect(
            String(decoding: writer.finish(), as: UTF8.self) == #"{"a":1,"b":[true,null,{},"x"],"c":{"kept": 1.0}}"#)
    }

    static let texts: [(text: [UInt8], json: String)] = [
        (Array("plain".utf8), #""plain""#), (Array("a\"b\\c".utf8), #""a\"b\\c""#),
        (Array("\n\r\t\u{01}\u{1F}".utf8), #""\n\r\t\u0001\u001f""#), (Array("é😀".utf8), #""é😀""#),
        ([0x61, 0xFF, 0x62], "\"a\u{FFFD}b\""), ([0xE2, 0x82], "\"\u{FFFD}\u{FFFD}\""), ([], #""""#),
    ]

    @Test(arguments: texts)
    func escapesStrings(_ row: (text: [UInt8], json: String)) throws {
        var writer = JSONWriter()
        row.text.withUnsafeBytes { writer.string($0) }
        let json = writer.finish()
        #expect(String(decoding: json, as: UTF8.self) == row.json)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed) }
    }

    @Test func continuesBehindWhatTheBufferHolds() {
        var buffer = ByteBuffer()
        buffer.append("x=")
        var writer = JSONWriter(buffer)
        writer.integer(-5)
        #expect(String(decoding: writer.finish(), as: UTF8.self) == "x=-5")
    }
}
