/// Text, secrets, choices and paths.
extension SettingsReader {
    /// A text; may be empty only by default.
    package func string(_ key: String, env variable: String? = nil, default value: String) -> String {
        read(key, variable: variable, default: value, show: { $0 }, parse: nonEmpty)
    }

    /// A text, or nil when neither the file nor the variable sets it.
    package func optionalString(_ key: String, env variable: String? = nil) -> String? {
        read(key, variable: variable, default: nil, show: { $0 }, parse: present)
    }

    /// A text that must be set; an empty one is returned beside the fault.
    package func requiredString(_ key: String, env variable: String? = nil) -> String {
        read(key, variable: variable, default: nil, isRequired: true, show: { $0 }, parse: present) ?? ""
    }

    /// A text that is shown as `***`, or nil.
    package func secret(_ key: String, env variable: String? = nil) -> Secret? {
        read(key, variable: variable, default: nil, show: { $0 == nil ? nil : Secret.mask }, parse: present)
            .map(Secret.init)
    }

    /// A secret that must be set; an empty one is returned beside the fault.
    package func requiredSecret(_ key: String, env variable: String? = nil) -> Secret {
        let text = read(
            key, variable: variable, default: nil, isRequired: true, show: { $0 == nil ? nil : Secret.mask },
            parse: present)
        return Secret(text ?? "")
    }

    /// One of the cases of `T` by its raw value.
    package func choice<T: RawRepresentable & CaseIterable>(
        _ key: String, env variable: String? = nil, default value: T
    ) -> T where T.RawValue == String {
        read(key, variable: variable, default: value, show: { $0.rawValue }) { text throws(BadValue) in
            if let value = T(rawValue: text) { return value }
            let names = T.allCases.map(\.rawValue)
            throw BadValue(
                message: "must be one of \(names.joined(separator: ", ")), not \"\(text)\"",
                suggestion: Suggestion.nearest(to: text, among: names))
        }
    }

    /// The path of a file or folder: relative to the file that names it, to the working directory when a variable
    /// does. The default is next to the file or, without one, where configuration files are looked for.
    package func path(_ key: String, env variable: String? = nil, default value: String) -> String {
        optionalPath(key, variable: variable, default: value) ?? value
    }

    /// The same without a default.
    package func optionalPath(_ key: String, env variable: String? = nil) -> String? {
        optionalPath(key, variable: variable, default: nil)
    }

    private func optionalPath(_ key: String, variable: String?, default value: String?) -> String? {
        let fallback = value.map { value in
            file.map { ConfigLocator.resolve(value, relativeTo: $0) }
                ?? ConfigLocator.find(value, environment: environment) ?? value
        }
        return read(key, variable: variable, default: fallback, show: { $0 }) { text throws(BadValue) in
            let path = try nonEmpty(text)
            guard case .file(let file, _) = origins[key] else { return path }
            return ConfigLocator.resolve(path, relativeTo: file)
        }
    }
}

/// The same for reads whose default is nil.
private func present(_ text: String) throws(BadValue) -> String? { try nonEmpty(text) }

private func nonEmpty(_ text: String) throws(BadValue) -> String {
    guard !text.isEmpty else { throw BadValue(message: "must not be empty") }
    return text
}
