/// A Slack message as HTML, near to what Slack makes of it: blocks where there are any, else the text. Pure.
///
/// Blocks of other types than the common ones are shown as their JSON. Links are shown, not followed.
struct SlackPreview {
    private let parts: [String]

    init(text: String, blocks: [UInt8]?) {
        guard let blocks, case .list(let list) = JSONText(parsing: blocks), !list.isEmpty else {
            parts = ["<p>\(Self.marked(text))</p>"]
            return
        }
        parts = list.map(Self.block)
    }

    var html: String { "<div class=\"slack\">\(parts.joined(separator: "\n"))</div>" }

    private static func block(_ block: JSONText) -> String {
        switch block["type"] {
        case "header": return "<p class=\"title\">\(text(block["text"]))</p>"
        case "divider": return "<hr>"
        case "context": return "<p class=\"context\">\(list(block["elements"]).map(text).joined(separator: " "))</p>"
        case "section":
            let fields = list(block["fields"]).map { "<div>\(text($0))</div>" }
            let grid = fields.isEmpty ? "" : "<div class=\"fields\">\(fields.joined())</div>"
            return (block["text"].map { "<p>\(text($0))</p>" } ?? "") + grid
        default: return "<pre>\(ExplainPage.escaped(block.pretty))</pre>"
        }
    }

    private static func list(_ value: JSONText?) -> [JSONText] {
        guard case .list(let elements)? = value else { return [] }
        return elements
    }

    /// A text object; what is none, such as an image, by its alternative text.
    private static func text(_ value: JSONText?) -> String {
        guard let value else { return "" }
        guard case .text(let words)? = value["text"] else {
            guard case .text(let words)? = value["alt_text"] else { return "" }
            return "[\(ExplainPage.escaped(words))]"
        }
        return value["type"] == "mrkdwn" ? marked(words) : ExplainPage.escaped(words)
    }

    /// Slack's own markup. In it `&`, `<` and `>` of a text are entities already; a bare `<` begins a link.
    static func marked(_ text: String) -> String {
        var html = ""
        var rest = text[...]
        while let match = rest.firstMatch(of: #/<([^<>|]*)(?:\|([^<>]*))?>/#) {
            html += styled(rest[..<match.range.lowerBound])
            html += "<u title=\"\(unmarked(match.1))\">\(unmarked(match.2 ?? match.1))</u>"
            rest = rest[match.range.upperBound...]
        }
        return html + styled(rest)
    }

    private static func styled(_ text: Substring) -> String {
        unmarked(text)
            .replacing(#/\*([^*\s](?:[^*\n]*[^*\s])?)\*/#) { "<b>\($0.1)</b>" }
            .replacing(#/`([^`\n]+)`/#) { "<code>\($0.1)</code>" }
            .replacing(#/~([^~\s](?:[^~\n]*[^~\s])?)~/#) { "<s>\($0.1)</s>" }
    }

    private static func unmarked(_ text: Substring) -> String {
        String(text).replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
