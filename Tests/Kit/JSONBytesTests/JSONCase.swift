import TestKit

/// A case of `Fixtures/cases.txt`, whose head says how they are written.
struct JSONCase: Sendable {
    enum Verdict: Sendable {
        /// By the grammar of RFC 8259.
        case accept, refuse
        /// By our own choice, where the RFC leaves one.
        case weAccept, weRefuse
    }

    let name: String
    let verdict: Verdict
    let bytes: [UInt8]

    var isAccepted: Bool { verdict == .accept || verdict == .weAccept }

    static let all: [JSONCase] = Repository.text("Tests/Kit/JSONBytesTests/Fixtures/cases.txt")
        .split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap(JSONCase.init)

    /// nil where the line is no case.
    private init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Self.bytes(parts[1]) else { return nil }
        name = String(parts[0])
        self.bytes = bytes
        switch name {
        case _ where name.hasPrefix("y_"): verdict = .accept
        case _ where name.hasPrefix("n_"): verdict = .refuse
        case _ where name.hasPrefix("i_accept_"): verdict = .weAccept
        case _ where name.hasPrefix("i_refuse_"): verdict = .weRefuse
        default: return nil
        }
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
