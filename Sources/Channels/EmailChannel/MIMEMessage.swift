/// A whole mail as bytes: header fields, then one text part, or a text and an HTML part as alternatives.
struct MIMEMessage {
    /// Everything but the fields that describe the body, in the order in which they are written.
    var fields: [HeaderField]
    var text: TextPart
    var html: TextPart?
    private let identifier: String
    /// Tells the parts apart; derived from the notification, so that the same one always gives the same mail. `=_` stands
    /// in no encoded part, and 70 bytes are the limit of a boundary.
    private var boundary: String { "=_\(identifier.prefix(60))" }

    /// - Parameter identifier: letters, digits, hyphens and underscores.
    init(fields: [HeaderField], text: String, html: String?, identifier: String) {
        self.fields = fields
        self.text = TextPart(text, type: "text/plain")
        self.html = html.map { TextPart($0, type: "text/html") }
        self.identifier = identifier
    }

    /// The message with CRLF line ends, the last line's included; lines of at most 998 bytes.
    func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(1_024 + (text.bytes.count + (html?.bytes.count ?? 0)) * 3 / 2)
        for field in fields {
            output.append(contentsOf: field.bytes)
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: "MIME-Version: 1.0\r\n".utf8)
        guard let html else {
            text.append(to: &output)
            if output.last != 0x0A { output.append(contentsOf: "\r\n".utf8) }
            return output
        }
        let boundary = boundary
        output.append(contentsOf: "Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
        for part in [text, html] {
            output.append(contentsOf: "--\(boundary)\r\n".utf8)
            part.append(to: &output)
            output.append(contentsOf: "\r\n".utf8)
        }
        output.append(contentsOf: "--\(boundary)--\r\n".utf8)
        return output
    }
}
