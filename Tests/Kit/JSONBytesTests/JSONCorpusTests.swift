import Foundation
import JSONBytes
import TestKit
import Testing

/// What ``JSONDocument`` says it validates, case by case.
struct JSONCorpusTests {
    @Test func readsTheWholeCorpus() {
        let lines = Repository.text("Tests/Kit/JSONBytesTests/Fixtures/cases.txt").split(separator: "\n")
        #expect(JSONCase.all.count == lines.count { !$0.hasPrefix("#") })
        #expect(Set(JSONCase.all.map(\.name)).count == JSONCase.all.count)
        #expect(JSONCase.all.count { $0.verdict == .accept } >= 300)
        #expect(JSONCase.all.count { $0.verdict == .refuse } >= 300)
    }

    @Test func decidesAsTheCaseSays() {
        for json in JSONCase.all { #expect(Self.accepts(json.bytes) == json.isAccepted, "\(json.name)") }
    }

    /// What is accepted alone is accepted inside of other values too.
    @Test func decidesTheSameInsideOfOthers() {
        for json in JSONCase.all where json.isAccepted && !json.name.contains("_depth_") {
            #expect(Self.accepts(Array("[".utf8) + json.bytes + Array("]".utf8)), "\(json.name) in an array")
            let object = Array(#"{"a": 1, "b" :"#.utf8) + json.bytes + Array(",\t\"c\": 2}".utf8)
            #expect(Self.accepts(object), "\(json.name) in an object")
        }
    }

    /// No beginning of a text that ends with a bracket, a brace or a quote is a text itself.
    @Test func refusesEveryTornText() {
        for json in JSONCase.all where json.isAccepted {
            guard let last = json.bytes.last, Array("]}\"".utf8).contains(last) else { continue }
            let torn = (0..<json.bytes.count).filter { Self.accepts(Array(json.bytes.prefix($0))) }
            #expect(torn.isEmpty, "\(json.name)")
        }
    }

    @Test func agreesWithFoundation() {
        for json in JSONCase.all where json.verdict == .accept || json.verdict == .refuse {
            guard !Self.leftToFoundation.contains(json.name) else { continue }
            let theirs = try? JSONSerialization.jsonObject(with: Data(json.bytes), options: .fragmentsAllowed)
            #expect((theirs != nil) == json.isAccepted, "\(json.name)")
        }
    }

    /// Where Foundation leaves RFC 8259: it takes UTF-16 and a byte order mark, is confused by NUL bytes, refuses
    /// numbers that no double holds, and accepts a comma before a closing bracket.
    private static let leftToFoundation: Set<String> = [
        "n_text_bom_before", "n_text_bom_utf16_big", "n_text_bom_utf16_little", "n_text_utf16_without_bom",
        "n_text_nul_before", "n_text_nul_after", "n_number_nul", "y_number_long", "y_number_double_overflow",
        "y_number_double_overflow_minus", "y_number_huge_exponent", "n_array_comma_end", "n_object_comma_end",
    ]

    private static func accepts(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { (try? JSONDocument.read($0) { _ in true }) ?? false }
    }
}
