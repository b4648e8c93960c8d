import Delivery
import TestKit
import Testing

struct CommitMetadataTests {
    /// Too scattered for the limit: what is kept is true, and it is much.
    @Test func whatDoesNotFitIsLeftOut() throws {
        var completed = CompletedOffsets()
        for index in 0..<Int64(5_000) { completed.append(index * 1_000..<index * 1_000 + 1) }
        let text = try #require(CommitMetadata.encode(completed, base: 0))
        let kept = CommitMetadata.decode(text, base: 0)
        #expect(text.utf8.count <= 4_096)
        #expect(kept.ranges.count >= 150 && kept.ranges == Array(completed.ranges.prefix(kept.ranges.count)))
    }

    static let foreign: [String?] = [
        nil, "", "hello", "nh1:", "nh1:!!!!", "nh1:AA==", "nh1:Af//////////////////////", "nh1:AQUA",
    ]

    @Test(arguments: foreign) func anotherToolsMetadataIsNothing(_ text: String?) {
        #expect(CommitMetadata.decode(text, base: 7).isEmpty)
    }
}
