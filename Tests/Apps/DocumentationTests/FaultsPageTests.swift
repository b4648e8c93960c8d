import Foundation
import TestKit
import Testing

/// docs/FAULTS.md names tests and scripts that exist.
struct FaultsPageTests {
    @Test func namesWhatThereIs() throws {
        let page = Repository.text("docs/FAULTS.md")
        let tests = try Self.tests()
        let names = page.matches(of: /`(test_\w+|[a-z]+[A-Z]\w+|scripts\/\w+\.sh)`/).map { String($0.1) }
        #expect(names.count > 30)
        for name in names {
            let exists =
                name.hasPrefix("scripts/")
                ? FileManager.default.fileExists(atPath: Repository.path(name)) : tests.contains(name)
            #expect(exists, "\(name)")
        }
    }

    /// The names of all tests, in Swift and in Python.
    private static func tests() throws -> Set<String> {
        let folder = Repository.path("Tests")
        let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        var names: Set<String> = []
        for file in files where file.hasSuffix(".swift") || file.hasSuffix(".py") {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            for match in text.matches(of: /\b(?:func|def) (\w+)\(/) { names.insert(String(match.1)) }
        }
        return names
    }
}
