internal import Notifications

/// The links of `List-Unsubscribe`, with placeholders that each mail fills: `{id}` and `{user_id}`.
struct ListUnsubscribe: Sendable, Equatable {
    /// Why a configured link cannot be used; a sentence for a settings fault.
    struct Fault: Error, Equatable {
        let message: String
    }

    /// `https:` and `mailto:` links, in the order of preference.
    let links: [String]
    /// Whether the first `https:` link accepts the POST of RFC 8058.
    let acceptsPost: Bool

    init(links: [String], acceptsPost: Bool) throws(Fault) {
        for link in links {
            guard link.hasPrefix("https://") || link.hasPrefix("mailto:") else {
                throw Fault(message: "a link must start with https:// or mailto:")
            }
            guard link.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") })
            else { throw Fault(message: "a link must not hold blanks, angle brackets or letters beyond ASCII") }
            guard Self.placeholders(in: link).allSatisfy({ $0 == "id" || $0 == "user_id" }) else {
                throw Fault(message: "a link can hold the placeholders {id} and {user_id} only")
            }
        }
        guard !acceptsPost || links.contains(where: { $0.hasPrefix("https://") }) else {
            throw Fault(message: "one-click unsubscription needs an https:// link")
        }
        self.links = links
        self.acceptsPost = acceptsPost
    }

    /// The header fields of one mail; a link whose value the notification does not have is left out.
    func fields(for notification: Notification) -> [HeaderField] {
        let filled = links.compactMap { fill($0, for: notification) }
        guard !filled.isEmpty else { return [] }
        let words = filled.enumerated().map { $0.offset + 1 < filled.count ? "<\($0.element)>," : "<\($0.element)>" }
        guard let list = HeaderField("List-Unsubscribe", words: words) else { return [] }
        guard acceptsPost, filled.contains(where: { $0.hasPrefix("https://") }) else { return [list] }
        return [list, HeaderField("List-Unsubscribe-Post", constant: "List-Unsubscribe=One-Click")]
    }

    private func fill(_ link: String, for notification: Notification) -> String? {
        var filled = ""
        for part in Self.parts(of: link) {
            switch part {
            case .text(let text): filled += text
            case .placeholder(let name):
                guard let value = name == "id" ? notification.id : notification.userID else { return nil }
                filled += Self.percentEncoded(value)
            }
        }
        return filled
    }

    // MARK: - Placeholders

    private enum Part {
        case text(Substring)
        case placeholder(Substring)
    }

    private static func placeholders(in link: String) -> [Substring] {
        parts(of: link).compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    private static func parts(of link: String) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(link)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            parts.append(.text(rest[..<open]))
            parts.append(.placeholder(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(rest))
        return parts
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX`.
    private static func percentEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(contentsOf: (byte < 16 ? "0" : "").utf8)
                bytes.append(contentsOf: String(byte, radix: 16, uppercase: true).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
