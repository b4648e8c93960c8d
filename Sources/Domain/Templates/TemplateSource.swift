/// A template's text and the file it came from, for messages.
package struct TemplateSource: Sendable, Equatable {
    package let file: String
    package let text: String

    package init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}
