import JSONBytes
import Settings
import Testing

@testable import Templates

/// The Mustache specification's own suite (https://github.com/mustache/spec), every module that is not optional.
@Suite struct MustacheSpecTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var module: String
        var name: String
        var template: String
        var data: String
        var partials: [String: String]
        var expected: String

        var testDescription: String { "\(module): \(name)" }
    }

    static let modules = ["comments", "delimiters", "interpolation", "inverted", "partials", "sections"]
    static let cases: [Case] = modules.flatMap { (try? read($0)) ?? [] }

    @Test(arguments: cases)
    func rendersAsTheSpecificationSays(_ example: Case) throws {
        let output = try render(
            example.template, data: example.data, escaping: .html, partials: example.partials, mode: .lenient)
        #expect(output == example.expected)
    }

    @Test func readsTheWholeSuite() {
        #expect(Self.cases.count == 136)
    }

    private static func read(_ module: String) throws -> [Case] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let text = try TextFile.read("/\(folder)/Fixtures/mustache-spec/\(module).json")
        let document = try JSONDocument(copying: text)
        var cases: [Case] = []
        document.root?.member("tests")?.forEachElement { test in
            var partials: [String: String] = [:]
            test.member("partials")?.forEachMember { partials[$0.string] = $1.string }
            cases.append(
                Case(
                    module: module, name: test.member("name")?.string ?? "",
                    template: test.member("template")?.string ?? "",
                    data: test.member("data").map { String(decoding: $0.json, as: UTF8.self) } ?? "null",
                    partials: partials, expected: test.member("expected")?.string ?? ""))
        }
        return cases
    }
}
