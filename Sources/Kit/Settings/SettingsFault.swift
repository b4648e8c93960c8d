/// One thing that is wrong with the configuration, and where.
package struct SettingsFault: Sendable, Equatable {
    /// The file's path as it was given or found; `environment` for a variable.
    package var file: String
    /// The line in the file, from 1; nil for a variable and for what is nowhere.
    package var line: Int?
    /// The key with its sections (`smtp.host`), or the variable's name; empty for the file as a whole.
    package var key: String
    /// What is wrong, without a full stop. Never holds a secret.
    package var message: String
    /// The name that was probably meant.
    package var suggestion: String?

    package init(file: String, line: Int? = nil, key: String = "", message: String, suggestion: String? = nil) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
        self.suggestion = suggestion
    }

    /// A fault of a value; nil where it only follows from one that was noted: the value could not be expanded.
    ///
    /// - Parameter message: may quote the value; where that holds a secret, neither it nor the suggestion is shown.
    package init?(file: String, at node: YAMLNode, key: String, message: String, suggestion: String? = nil) {
        guard node.expansion != .failed else { return nil }
        let isSecret = node.expansion == .secret
        self.init(
            file: file, line: node.line, key: key, message: isSecret ? Self.secretMessage : message,
            suggestion: isSecret ? nil : suggestion)
    }

    /// Stands for a message that may quote a secret.
    static let secretMessage = "has a wrong value, which may be secret and is not shown"

    /// One line: `config/email.yaml:12: smtp.hots: unknown key (did you mean "smtp.host"?)`.
    package var text: String {
        var text = file
        if let line { text += ":\(line)" }
        if !key.isEmpty { text += ": \(key)" }
        text += ": \(message)"
        if let suggestion { text += " (did you mean \"\(suggestion)\"?)" }
        return text
    }
}
