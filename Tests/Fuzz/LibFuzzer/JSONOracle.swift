import CFuzzing
import JSONBytes

/// Compares the scanner with jansson, a strict parser in C: both accept a text or both refuse it, and they read the
/// same values. Where jansson itself leaves RFC 8259, it is not asked; see ``isExcused(_:)``.
enum JSONOracle {
    /// Below jansson's own limit of 2048, and deeper than the contract's 128.
    private static let maximumDepth = 1_000

    /// - Returns: what they disagree about; nil where they agree.
    static func disagreement(_ input: UnsafeRawBufferPointer) -> String? {
        guard let base = input.baseAddress, input.count > 0 else { return nil }
        let document = JSONDocument()
        defer { withExtendedLifetime(document) {} }
        var fault: JSONFault?
        var own: JSONValue?
        do throws(JSONFault) {
            own = try document.parse(input, maximumDepth: maximumDepth)
        } catch {
            fault = error
        }
        if let fault, fault.code == .tooDeep || endsForJansson(input, at: fault.offset) { return nil }
        var error = json_error_t()
        let flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL
        let theirs = json_loadb(
            base.assumingMemoryBound(to: CChar.self), input.count, Int(flags), &error)
        defer { if let theirs { nh_json_release(theirs) } }
        switch (own, theirs) {
        case (let own?, let theirs?): return JSONComparison.difference(own, theirs)
        case (nil, nil): return nil
        case (nil, _?): return "jansson accepts what is refused here: \(fault?.message ?? "")"
        case (_?, nil): return isExcused(&error) ? nil : "jansson refuses what is accepted here: \(text(of: &error))"
        }
    }

    /// jansson takes a NUL byte for the end of the text.
    private static func endsForJansson(_ input: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        offset < input.count && input[offset] == 0
    }

    /// The grammar allows any number, half of a surrogate pair, and U+0000 in a name. jansson refuses numbers that no
    /// double holds, halves of pairs, and names with U+0000.
    private static func isExcused(_ error: inout json_error_t) -> Bool {
        switch nh_json_error_code(&error) {
        case json_error_numeric_overflow, json_error_null_byte_in_key: true
        default: text(of: &error).hasPrefix("invalid Unicode '\\u")
        }
    }

    private static func text(of error: inout json_error_t) -> String {
        withUnsafeBytes(of: &error.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
