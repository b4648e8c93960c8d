internal import JSONBytes

/// Escaping in place: a value is appended as it is, then widened where it needs to be.
enum Escape {
    /// Escapes the bytes of `output` from `start` on.
    ///
    /// - Parameter markup: whether the target's markup is escaped (`{{x}}`), or only what keeps the text well formed
    ///   (`{{{x}}}`).
    static func apply(
        _ escaping: Template.Escaping, markup: Bool, for target: Template.Target, to output: inout ByteBuffer,
        from start: Int
    ) {
        switch escaping {
        case .none: break
        case .html: if markup { widen(&output, from: start, html) }
        case .slack: if markup { widen(&output, from: start, slack) }
        case .slackJSON: widen(&output, from: start, markup ? slackInJSON : json)
        }
        if target == .jsonString { JSONWriter.escape(&output, from: start) }
    }

    /// Replaces every byte for which `replacement` has one, from the end to the begin, so that nothing is moved twice.
    @inline(__always)
    private static func widen(
        _ output: inout ByteBuffer, from start: Int, _ replacement: (UInt8) -> StaticString?
    ) {
        let count = output.count
        var growth = 0
        var isClean = true
        for byte in output[start..<count] {
            guard let text = replacement(byte) else { continue }
            isClean = false
            growth += text.utf8CodeUnitCount - 1
        }
        if isClean { return }
        output.append(count: growth) { end in
            var target = end + growth
            for source in stride(from: end - 1, through: end - (count - start), by: -1) {
                if let text = replacement(source.pointee) {
                    target -= text.utf8CodeUnitCount
                    target.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
                } else {
                    target -= 1
                    target.pointee = source.pointee
                }
            }
        }
    }

    private static func html(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: slack(byte)
        }
    }

    private static func slack(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        default: nil
        }
    }

    private static func slackInJSON(_ byte: UInt8) -> StaticString? {
        slack(byte) ?? json(byte)
    }

    private static func json(_ byte: UInt8) -> StaticString? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        // No other control character has a meaning in a message.
        case 0..<0x20, 0x7F: " "
        default: nil
        }
    }
}
