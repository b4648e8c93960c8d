/// One value as the process uses it, for `--print-config`.
package struct EffectiveSetting: Sendable, Equatable {
    /// Where a value comes from.
    package enum Origin: Sendable, Equatable {
        case builtIn
        case file(String, line: Int)
        case variable(String)
        /// The file that the variable names.
        case fileOf(variable: String)
    }

    /// The key with its sections.
    package let key: String
    /// `***` for a secret; nil when there is none.
    package let value: String?
    package let origin: Origin
    /// The variable that overrides it, if one does.
    package let variable: String?

    /// `smtp.port: 587  # default (SMTP_PORT)`; the variable is named where it could override the value.
    package var text: String {
        var origin =
            switch origin {
            case .builtIn: value == nil ? "not set" : "default"
            case .file(let file, let line): "\(file):\(line)"
            case .variable(let name): "environment \(name)"
            case .fileOf(let name): "file of \(name)"
            }
        if let variable, !isFromEnvironment { origin += " (\(variable))" }
        guard let value else { return "\(key):  # \(origin)" }
        return "\(key): \(value.isEmpty ? "\"\"" : value)  # \(origin)"
    }

    private var isFromEnvironment: Bool {
        switch origin {
        case .variable, .fileOf: true
        case .builtIn, .file: false
        }
    }
}
