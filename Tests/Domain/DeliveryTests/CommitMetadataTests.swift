import Delivery
import Testing

struct CommitMetadataTests {
    @Test func randomSetsSurviveWithinTheLimit() {
        for seed in 0..<400 {
            var random = SeededGenerator(seed: seed)
            let base = Int64.random(in: 0...(1 << 40), using: &random)
            let share = Double.random(in: 0...1, using: &random)
            var completed = CompletedOffsets()
            for offset in base..<base + Int64.random(in: 1...16_384, using: &random) where random.chance(share) {
                completed.append(offset..<offset + 1)
            }
            let text = CommitMetadata.encode(completed, base: base)
            let isGood =
                CommitMetadata.decode(text, base: base) == completed && (text?.utf8.count ?? 0) <= 4_096
                && (text == nil) == completed.isEmpty && !(text ?? "").utf8.contains(0)
            guard isGood else {
                Issue.record("seed \(seed): \(completed.ranges.count) ranges, \(text?.utf8.count ?? 0) bytes")
                return
            }
        }
    }

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
