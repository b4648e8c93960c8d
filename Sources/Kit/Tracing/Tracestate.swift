/// The header `tracestate`, which is handed on beside a valid `traceparent`.
package enum Tracestate {
    /// What everybody has to hand on; longer ones lose whole entries from their end, as W3C Trace Context allows.
    package static let limit = 512

    /// The part of an incoming value that is handed on; nil where nothing is.
    package static func handedOn(_ value: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer? {
        guard let value, !value.isEmpty, value.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
            return nil
        }
        guard value.count > limit else { return value }
        guard let end = value[...limit].lastIndex(of: UInt8(ascii: ",")), end > 0 else { return nil }
        return UnsafeRawBufferPointer(rebasing: value[..<end])
    }

    /// The same for text.
    package static func handedOn(_ value: [UInt8]?) -> String? {
        value.flatMap { $0.withUnsafeBytes { handedOn($0).map { String(decoding: $0, as: UTF8.self) } } }
    }
}
