/// Text for people in a header: no longer than it must be, since headers travel with every record.
package enum HeaderText {
    /// The longest error message, in bytes.
    package static let maximumBytes = 1024

    /// The start of a text, cut between Unicode scalars: a character may be as long as somebody likes, with one mark on top
    /// of the other, and would leave nothing.
    package static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: maximumBytes)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }
}
