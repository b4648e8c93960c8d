/// SplitMix64: random interleavings that a failing case's seed repeats.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: Int) {
        state = UInt64(truncatingIfNeeded: seed) &* 0xD134_2543_DE82_EF95 &+ 0x9E37_79B9_7F4A_7C15
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True with this probability.
    package mutating func chance(_ share: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < share }

    /// A number of a short range; its tiny bias buys speed.
    package mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// How large a case is: mostly small, where nearly every fault shows, now and then up to `largest`.
    package mutating func size(largest: Int) -> Int { number(in: 1...(chance(0.003) ? largest : 5)) }

    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[number(in: 0...elements.count - 1)]
    }
}
