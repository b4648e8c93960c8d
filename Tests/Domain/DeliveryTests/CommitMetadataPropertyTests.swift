import Delivery
import TestKit
import Testing

struct CommitMetadataPropertyTests {
    /// A random set above `base`: runs and gaps of any length.
    private static func completed(_ base: Int64, _ random: inout SeededGenerator) -> CompletedOffsets {
        var result = CompletedOffsets()
        var position = base
        for _ in 0..<random.size(largest: 2_000) {
            position += Int64(random.number(in: 0...(random.chance(0.05) ? 100_000 : 3)))
            let end = position + Int64(random.number(in: 1...(random.chance(0.1) ? 300 : 3)))
            result.append(position..<end)
            position = end
        }
        return result
    }

    /// What is read is what was written, or as much of its start as there was room for; never anything else.
    @Test func whatIsReadWasWritten() {
        forAll { random in
            let base = Int64(random.number(in: 0...(1 << 40)))
            let completed = Self.completed(base, &random)
            let limit = random.chance(0.5) ? random.number(in: 0...100) : CommitMetadata.maximumBytes
            let text = CommitMetadata.encode(completed, base: base, limit: limit)
            if let text, text.utf8.count > limit || text.utf8.contains(0) { return "\(text.utf8.count) of \(limit)" }
            let kept = CommitMetadata.decode(text, base: base)
            if kept == completed { return nil }
            if kept.ranges != Array(completed.ranges.prefix(kept.ranges.count)) { return "not the start of it" }
            // A run takes at most twenty bytes, and base64 a third more.
            let isPoor = kept.ranges.count < (limit - 8) / 28
            return isPoor ? "\(kept.ranges.count) of \(completed.ranges.count) in \(limit)" : nil
        }
    }

    /// Anybody can commit anything: it is a set of ascending ranges above the offset, or nothing.
    @Test func foreignTextIsHarmless() {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        forAll { random in
            var text = "nh1:" + (random.chance(0.5) ? "AQ" : "Ag")
            for _ in 0..<(random.size(largest: 100) * 4 + 2) { text.append(letters[random.number(in: 0...63)]) }
            let small = Int64(random.number(in: 0...99))
            let base = random.chance(0.1) ? Int64.max - small : small
            let ranges = CommitMetadata.decode(text, base: base).ranges
            if let first = ranges.first, first.lowerBound < base { return "below the offset" }
            let isAscending = zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
            return isAscending ? nil : "not ascending"
        }
    }
}
