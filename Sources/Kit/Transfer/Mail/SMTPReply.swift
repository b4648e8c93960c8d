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
        let text = lines.map { line in
            guard let enhanced, line.hasPrefix(enhanced) else { return line }
            return String(line.dropFirst(enhanced.count).drop(while: { $0 == " " }))
        }
        return MailReply(
            code: code, enhanced: enhanced, text: String(text.joined(separator: " ").prefix(512)), stage: stage)
    }

    /// `class.subject.detail` of RFC 3463 at the start of a line.
    private static func enhancedCode(_ line: String) -> String? {
        let word = line.prefix { $0 != " " }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, ["2", "4", "5"].contains(parts[0]) else { return nil }
        let areNumbers = parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isDigit) }
        return areNumbers ? String(word) : nil
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
