internal import Digest

/// Writes `traceparent` headers of one trace after the other into the same bytes: `00-<trace>-<span>-<flags>`.
package struct Traceparent {
    /// Bytes of version 00.
    package static let length = 55
    static let dash = UInt8(ascii: "-")

    private var text = Array("00-00000000000000000000000000000000-0000000000000000-00".utf8)

    package init() {}

    /// The header of one span.
    package init(_ context: SpanContext) {
        set(context.trace, flags: context.flags)
        withSpan(context.span) { _ in }
    }

    /// An incoming header as it is handed on, in version 00 and with known flags only; nil where it is none.
    package static func handedOn(_ text: String) -> String? {
        var text = text
        let (context, isWritten) = text.withUTF8 { bytes -> (SpanContext?, Bool) in
            guard let context = SpanContext(traceparent: UnsafeRawBufferPointer(bytes)) else { return (nil, false) }
            let zero = UInt8(ascii: "0")
            let isCurrent = bytes[0] == zero && bytes[1] == zero
            return (context, isCurrent && bytes[53] == zero && bytes[54] == Hex.digit(context.flags))
        }
        // Mostly it says so already, and there is nothing to write anew.
        return isWritten ? text : context.map { Traceparent($0).value }
    }

    /// The trace that the next headers name.
    package mutating func set(_ trace: TraceID, flags: UInt8) {
        write(trace.high, at: 3)
        write(trace.low, at: 19)
        text[53] = Hex.digit(flags >> 4)
        text[54] = Hex.digit(flags & 0xF)
    }

    /// Lends the header's value for a span of the trace.
    package mutating func withSpan(_ span: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) {
        write(span, at: 36)
        text.withUnsafeBytes(body)
    }

    /// A copy of the value as it was last written.
    package var value: String { String(decoding: text, as: UTF8.self) }

    private mutating func write(_ number: UInt64, at start: Int) {
        let (high, low) = (UInt32(truncatingIfNeeded: number >> 32), UInt32(truncatingIfNeeded: number))
        text.withUnsafeMutableBytes { text in
            text.storeBytes(of: Hex.digits(high).bigEndian, toByteOffset: start, as: UInt64.self)
            text.storeBytes(of: Hex.digits(low).bigEndian, toByteOffset: start + 8, as: UInt64.self)
        }
    }
}
