/// A trace's 128 bits; not both halves are zero.
package struct TraceID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Which span of which trace: what the header `traceparent` of W3C Trace Context says.
package struct SpanContext: Sendable, Hashable {
    package let trace: TraceID
    /// Never zero.
    package let span: UInt64
    /// The flags of level 2 of the standard, which are all that may be handed on.
    package let flags: UInt8

    package static let sampledFlag: UInt8 = 1
    private static let knownFlags: UInt8 = 3

    package init(trace: TraceID, span: UInt64, flags: UInt8) {
        self.trace = trace
        self.span = span
        self.flags = flags & Self.knownFlags
    }

    /// Reads a `traceparent`: version 00, or what a later version has in the same places.
    ///
    /// - Returns: nil for anything else: upper-case digits, an id of zeros only, more than version 00 has.
    package init?(traceparent text: UnsafeRawBufferPointer) {
        guard text.count >= Traceparent.length, text[2] == Traceparent.dash, text[35] == Traceparent.dash,
            text[52] == Traceparent.dash, let version = Self.number(text[0..<2]), version != 0xFF,
            text.count == Traceparent.length || (version > 0 && text[Traceparent.length] == Traceparent.dash),
            let high = Self.number(text[3..<19]), let low = Self.number(text[19..<35]),
            let span = Self.number(text[36..<52]), let flags = Self.number(text[53..<55]), high | low != 0, span != 0
        else { return nil }
        self.init(trace: TraceID(high: high, low: low), span: span, flags: UInt8(truncatingIfNeeded: flags))
    }

    /// Whether whoever started the trace records it.
    package var isSampled: Bool { flags & Self.sampledFlag != 0 }

    /// Another span of the same trace.
    package func with(span: UInt64) -> SpanContext { SpanContext(trace: trace, span: span, flags: flags) }

    /// At most 16 lower-case hexadecimal digits.
    private static func number(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        var number: UInt64 = 0
        for byte in UnsafeRawBufferPointer(rebasing: digits) {
            let (digit, letter) = (byte &- UInt8(ascii: "0"), byte &- UInt8(ascii: "a"))
            guard digit < 10 || letter < 6 else { return nil }
            number = number << 4 | UInt64(digit < 10 ? digit : letter + 10)
        }
        return number
    }
}
