/// Escaping in place: a value is appended as it is, then widened where it needs to be.
enum Escape {
    /// Escapes the bytes of `output` from `start` on.
    ///
    /// - Parameter markup: whether the target's markup is escaped (`{{x}}`), or only what keeps the text well formed
    ///   (`{{{x}}}`).
    static func apply(_ escaping: Template.Escaping, markup: Bool, to output: inout [UInt8], from start: Int) {
        switch escaping {
        case .none: break
        case .html: if markup { widen(&output, from: start, html) }
        case .slack: if markup { widen(&output, from: start, slack) }
        case .slackJSON: widen(&output, from: start, markup ? slackInJSON : json)
        }
    }

    /// Replaces every byte for which `replacement` has one, from the end to the begin, so that nothing is moved twice.
    @inline(__always)
    private static func widen(
        _ output: inout [UInt8], from start: Int, _ replacement: (UInt8) -> StaticString?
    ) {
        let count = output.count
        var growth = 0
        var isClean = true
        for index in start..<count {
            guard let text = replacement(output[index]) else { continue }
            isClean = false
            growth += text.utf8CodeUnitCount - 1
        }
        if isClean { return }
        output.append(contentsOf: repeatElement(0, count: growth))
        var target = count + growth
        for index in (start..<count).reversed() {
            if let text = replacement(output[index]) {
                target -= text.utf8CodeUnitCount
                for offset in 0..<text.utf8CodeUnitCount { output[target + offset] = text.utf8Start[offset] }
            } else {
                target -= 1
                output[target] = output[index]
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
