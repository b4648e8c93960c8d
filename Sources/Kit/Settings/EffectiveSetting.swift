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

    /// `smtp.port: 587  # default`.
    package var text: String {
        let origin =
            switch origin {
            case .builtIn: value == nil ? "not set" : "default"
            case .file(let file, let line): "\(file):\(line)"
            case .variable(let name): "environment \(name)"
            case .fileOf(let name): "file of \(name)"
            }
        return "\(key): \(value.map { $0.isEmpty ? "\"\"" : $0 } ?? "")  # \(origin)"
    }
}
