extension SettingsReader {
    /// Finds the text of a single value and remembers its origin.
    func lookUp(_ key: String, variable: String?) -> SettingsLookup {
        let member = know(key)
        if let variable {
            do {
                if let found = try Environment.find(variable, in: environment) {
                    origins[key] = found.isFile ? .fileOf(variable: found.name) : .variable(found.name)
                    return .found(SettingText(text: found.text))
                }
            } catch {
                report(SettingsFault(file: "environment", key: error.name, message: error.message))
                return .faulty
            }
        }
        guard let value = member?.value else { return context.isBroken ? .faulty : .missing }
        origins[key] = .file(context.fileName, line: value.line)
        return scalar(value, key: path(of: key)).map(SettingsLookup.found) ?? .faulty
    }

    /// The expanded text of a scalar; nil after noting a fault.
    func scalar(_ node: YAMLNode, key: String) -> SettingText? {
        guard let text = node.text else {
            report(line: node.line, key: key, message: "must be a single value")
            return nil
        }
        guard !node.isNull else {
            report(line: node.line, key: key, message: "has no value; give it one or remove the key")
            return nil
        }
        do {
            let expanded = try Interpolation.expanded(text, environment: environment)
            return SettingText(text: expanded.text, line: node.line, isSecret: expanded.isSecret)
        } catch {
            report(line: node.line, key: key, message: error.message)
            return nil
        }
    }

    /// The whole value of `key` for a part that reads it by itself, with `${NAME}` expanded in each of its scalars; nil
    /// when it is not there. Call it once for a key: it notes what cannot be expanded.
    ///
    /// A scalar with quotes stays text. One without means what its expanded text would mean there, except that it is
    /// never nothing: only the file itself can say `null`.
    package func expanded(_ key: String) -> YAMLNode? {
        know(key).map { expanded($0.value, key: path(of: key)) }
    }

    private func expanded(_ node: YAMLNode, key: String) -> YAMLNode {
        switch node.content {
        case .sequence(let elements):
            let elements = elements.enumerated().map { expanded($1, key: "\(key)[\($0)]") }
            return YAMLNode(content: .sequence(elements), line: node.line)
        case .mapping(let members):
            let members = members.map { member in
                YAMLNode.Member(
                    key: member.key, keyLine: member.keyLine,
                    value: expanded(member.value, key: "\(key).\(member.key)"))
            }
            return YAMLNode(content: .mapping(members), line: node.line)
        case .scalar(_, let isPlain):
            guard !node.isNull else { return node }
            guard let text = scalar(node, key: key) else {
                return YAMLNode(content: node.content, line: node.line, expansion: .failed)
            }
            return YAMLNode(
                content: .scalar(text.text, plain: isPlain && !YAMLNode.isNull(plain: text.text)), line: node.line,
                expansion: text.isSecret ? .secret : .open)
        }
    }

    /// Reads one value and notes it for `effective`.
    ///
    /// - Parameters:
    ///   - isRequired: whether it is a fault that nothing sets it.
    ///   - parse: the value of a text; its fault is noted where the text stands.
    ///   - show: the value as `--print-config` shows it; nil for none.
    func read<Value>(
        _ key: String, variable: String?, default value: Value, isRequired: Bool = false, show: (Value) -> String?,
        parse: (String) throws(BadValue) -> Value
    ) -> Value {
        var result = value
        var isSecret = false
        switch lookUp(key, variable: variable) {
        case .found(let text):
            isSecret = text.isSecret
            result = self.value(of: text, key: key, parse) ?? value
        case .missing: if isRequired { reportMissing(key, variable: variable) }
        case .faulty: break
        }
        note(key, value: isSecret ? Secret.mask : show(result), variable: variable)
        return result
    }

    /// The value of a text; nil after noting a fault where the text stands.
    func value<Value>(of text: SettingText, key: String, _ parse: (String) throws(BadValue) -> Value) -> Value? {
        do {
            return try parse(text.text)
        } catch {
            // The message may quote the value.
            let message = text.isSecret ? SettingsFault.secretMessage : error.message
            let suggestion = text.isSecret ? nil : error.suggestion
            if let line = text.line {
                report(line: line, key: path(of: key), message: message, suggestion: suggestion)
            } else {
                report(key, message, suggestion: suggestion)
            }
            return nil
        }
    }

    func note(_ key: String, value: String?, variable: String? = nil) {
        context.effective.append(
            EffectiveSetting(key: path(of: key), value: value, origin: origins[key] ?? .builtIn, variable: variable))
    }
}
