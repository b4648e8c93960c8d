/// Makes ids of traces and spans: random, not secret. One seed from the system, then a fast generator.
package struct SpanIDs {
    private var state: UInt64

    package init(seed: UInt64 = .random(in: .min ... .max)) { state = seed }

    /// SplitMix64; never 0, which would be no id.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return max(1, mixed ^ (mixed >> 31))
    }

    package mutating func nextTrace() -> TraceID { TraceID(high: next(), low: next()) }
}
