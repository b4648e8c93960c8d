/// One complete reply of a mail server.
struct SMTPReply: Sendable, Equatable {
    let code: Int
    /// The texts behind the code, one per line.
    let lines: [String]

    var isPositive: Bool { (200..<300).contains(code) }
    var isRefusal: Bool { (400..<600).contains(code) }

    /// What the submitter gets to see.
    func mailReply(at stage: MailReply.Stage) -> MailReply {
        let enhanced = lines.first.flatMap(Self.enhancedCode)
        let text = lines.map { Self.text(of: $0, without: enhanced) }.joined(separator: " ")
        return MailReply(
            code: code, enhanced: enhanced, text: text.utf8.count > 512 ? String(text.prefix(512)) : text, stage: stage)
    }

    private static func text(of line: String, without enhanced: String?) -> Substring {
        guard let enhanced, line.hasPrefix(enhanced) else { return line[...] }
        return line.dropFirst(enhanced.utf8.count).drop { $0 == " " }
    }

    /// `class.subject.detail` of RFC 3463 at the start of a line.
    private static func enhancedCode(_ line: String) -> String? {
        var rest = line.utf8[...]
        for part in 0..<3 {
            if part > 0, rest.popFirst() != UInt8(ascii: ".") { return nil }
            let digits = rest.prefix(while: \.isDigit)
            guard (1...3).contains(digits.count) else { return nil }
            if part == 0, !["2", "4", "5"].contains(Substring(digits)) { return nil }
            rest = rest[digits.endIndex...]
        }
        guard rest.isEmpty || rest.first == UInt8(ascii: " ") else { return nil }
        return String(line[..<rest.startIndex])
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
