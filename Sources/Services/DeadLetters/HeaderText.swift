/// Text for people in a header: no longer than it must be, since headers travel with every record.
package enum HeaderText {
    /// The longest error message, in bytes.
    package static let maximumBytes = 1024

    /// The start of a text, cut at a character's edge.
    package static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        var result = ""
        var size = 0
        for character in text {
            size += character.utf8.count
            if size > maximumBytes { break }
            result.append(character)
        }
        return result
    }
}
