import Glibc
import TestKit
import Testing

/// Runs a property over the cases of many seeds, and records the seed of the first that fails.
///
/// `PROPERTY_CASES` changes how many there are, `PROPERTY_SEED` runs a single one.
///
/// - Parameter body: says what is wrong with the case it made of the generator; nil when it holds.
func forAll(
    cases: Int = 100_000, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (inout SeededGenerator) -> String?
) {
    let seeds = environment("PROPERTY_SEED").map { $0..<$0 + 1 } ?? 0..<(environment("PROPERTY_CASES") ?? cases)
    for seed in seeds {
        var random = SeededGenerator(seed: seed)
        guard let fault = body(&random) else { continue }
        Issue.record("PROPERTY_SEED=\(seed): \(fault)", sourceLocation: sourceLocation)
        return
    }
}

private func environment(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
