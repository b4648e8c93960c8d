/// Writes the W3C `traceparent` of outgoing records: the trace of the event where it has one, a new one where not,
/// and always a span id of its own.
///
/// Ids are random, not secret: one seed from the system, then a fast generator.
package struct TraceContext {
    /// `00-<32 digits>-<16 digits>-<2 digits>`.
    private static let length = 55
    private var state: UInt64
    private var text: [UInt8]

    package init(seed: UInt64 = .random(in: .min ... .max)) {
        state = seed
        text = Array("00-00000000000000000000000000000000-0000000000000000-01".utf8)
    }

    /// Takes the trace id and the flags of an incoming `traceparent`, or makes a new trace when it is absent or not
    /// valid.
    package mutating func start(_ incoming: UnsafeRawBufferPointer?) {
        if let incoming, Self.isValid(incoming) {
            for position in 3..<35 { text[position] = incoming[position] }
            text[53] = incoming[53]
            text[54] = incoming[54]
        } else {
            write(random(), at: 3)
            write(random(), at: 19)
            text[53] = UInt8(ascii: "0")
            text[54] = UInt8(ascii: "1")
        }
    }

    /// Lends the header's value with a new span id.
    package mutating func withNextSpan(_ body: (UnsafeRawBufferPointer) -> Void) {
        write(random(), at: 36)
        text.withUnsafeBytes(body)
    }

    /// Version 00, lower-case digits, no id of zeros only.
    private static func isValid(_ value: UnsafeRawBufferPointer) -> Bool {
        guard value.count == length, value[0] == zero, value[1] == zero else { return false }
        for position in 2..<length {
            let byte = value[position]
            if position == 2 || position == 35 || position == 52 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                let isDigit = byte >= zero && byte <= UInt8(ascii: "9")
                guard isDigit || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f")) else { return false }
            }
        }
        return value[3..<35].contains { $0 != zero } && value[36..<52].contains { $0 != zero }
    }

    private static let zero = UInt8(ascii: "0")

    /// SplitMix64; never 0, which would be no id.
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return max(1, mixed ^ (mixed >> 31))
    }

    private mutating func write(_ number: UInt64, at start: Int) {
        for position in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * position)) & 0xF
            text[start + position] = nibble < 10 ? nibble + 48 : nibble + 87
        }
    }
}
