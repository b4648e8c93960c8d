/// Lists, free mappings and lists of sections.
extension SettingsReader {
    /// A key of a free mapping with its value.
    package struct Property: Sendable, Equatable {
        package let name: String
        package let value: String
        /// From 1.
        package let line: Int
    }

    /// A list of texts; a single value, as a variable gives it, is split at commas.
    package func strings(_ key: String, env variable: String? = nil, default value: [String]) -> [String] {
        list(key, variable: variable, default: value, show: { $0 }) { text throws(BadValue) in text }
    }

    /// A list of secrets, shown as `***`.
    package func secrets(_ key: String, env variable: String? = nil) -> [Secret] {
        list(key, variable: variable, default: [], show: { _ in Secret.mask }) { text throws(BadValue) in Secret(text) }
    }

    /// A mapping of free names to single values, in the file's order.
    ///
    /// - Parameter isSecret: show every value as `***`, whatever its name.
    package func dictionary(_ key: String, isSecret: Bool = false) -> [(name: String, value: String)] {
        section(key).properties(areSecret: isSecret).map { ($0.name, $0.value) }
    }

    /// The single values of this section that were not read yet, for settings that are passed on. Call it last.
    ///
    /// Values whose names speak of passwords, secrets, tokens or keys are shown as `***`, or all of them.
    package func properties(areSecret: Bool = false) -> [Property] {
        var properties: [Property] = []
        for member in node?.members ?? [] where !known.contains(member.key) {
            know(member.key)
            guard let text = scalar(member.value, key: path(of: member.key)) else { continue }
            origins[member.key] = .file(context.fileName, line: member.value.line)
            let isSecret = areSecret || text.isSecret || SecretName.matches(member.key)
            note(member.key, value: isSecret ? Secret.mask : text.text)
            properties.append(Property(name: member.key, value: text.text, line: member.keyLine))
        }
        return properties
    }

    /// The mappings under `key` by their names, in the file's order.
    package func sections(in key: String) -> [(name: String, reader: SettingsReader)] {
        let group = section(key)
        return group.keys.map { ($0, group.section($0)) }
    }

    /// The mappings of the list under `key`, in the file's order; their paths are `key[0]`, `key[1]` …
    package func items(_ key: String) -> [SettingsReader] {
        guard let member = know(key), !member.value.isNull else { return [] }
        guard let elements = member.value.elements else {
            report(line: member.value.line, key: path(of: key), message: "must be a list")
            return []
        }
        return elements.enumerated().map { index, element in
            let name = "\(key)[\(index)]"
            let member = YAMLNode.Member(key: name, keyLine: element.line, value: element)
            let reader = reader(for: member, path: path(of: name))
            adopt(reader, as: name)
            return reader
        }
    }

    func list<Element>(
        _ key: String, variable: String?, default value: [Element], show: (Element) -> String,
        parse: (String) throws(BadValue) -> Element
    ) -> [Element] {
        var result = value
        var shown = value.map(show)
        if let texts = texts(key, variable: variable) {
            let found = texts.compactMap { text in
                self.value(of: text, key: key, parse).map { (element: $0, isSecret: text.isSecret) }
            }
            result = found.map(\.element)
            shown = found.map { $0.isSecret ? Secret.mask : show($0.element) }
        }
        note(key, value: "[\(shown.joined(separator: ", "))]", variable: variable)
        return result
    }

    /// The elements' texts; nil when there are none or a fault was noted.
    private func texts(_ key: String, variable: String?) -> [SettingText]? {
        if !isOverridden(by: variable), let value = know(key)?.value, let elements = value.elements {
            origins[key] = .file(context.fileName, line: value.line)
            let texts = elements.compactMap { scalar($0, key: path(of: key)) }
            return texts.count == elements.count ? texts : nil
        }
        guard case .found(let whole) = lookUp(key, variable: variable) else { return nil }
        return whole.text.split(separator: ",").map { part in
            let text = part.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
            return SettingText(text: String(text), line: whole.line, isSecret: whole.isSecret)
        }
    }

    private func isOverridden(by variable: String?) -> Bool {
        guard let variable else { return false }
        return [variable, "\(variable)_FILE"].contains { !environment[$0, default: ""].isEmpty }
    }
}
