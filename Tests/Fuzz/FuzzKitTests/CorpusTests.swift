import FuzzKit
import Glibc
import TestKit
import Testing

/// The fuzzer's seeds and the findings of the past: everything that is fuzzed must hold for them in every build.
@Suite(.serialized)
struct CorpusTests {
    @Test(arguments: FuzzTarget.allCases)
    func holdsForTheCorpus(_ target: FuzzTarget) throws {
        let folder = Repository.path("Tests/Fuzz/corpus/\(target.rawValue)")
        let names = files(folder)
        try #require(!names.isEmpty, "no corpus in \(folder)")
        for name in names {
            let input = Repository.bytes("\(folder)/\(name)")
            #expect(!input.isEmpty, "\(name) is empty")
            #expect(input.withUnsafeBytes { target.violation($0) } == nil, "\(name)")
            // The beginnings of a good input are what a torn record looks like.
            for length in stride(from: 0, to: input.count, by: 7) {
                let torn = Array(input.prefix(length))
                #expect(torn.withUnsafeBytes { target.violation($0) } == nil, "the first \(length) bytes of \(name)")
            }
        }
    }

    private func files(_ folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
