import FuzzKit
import Glibc

/// What libFuzzer calls for every input.
enum FuzzRun {
    private static let target = getenv("FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }

    /// Ends the process with a sentence where something does not hold: that is what libFuzzer calls a crash.
    static func one(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = UnsafeRawBufferPointer(start: start, count: count)
        if let sentence = target?.violation(input) { fatalError(sentence) }
        if target == .json, let sentence = JSONOracle.disagreement(input) { fatalError(sentence) }
        return 0
    }
}
