/// Why a text is no value of the wanted type; ends the sentence "KEY …".
struct BadValue: Error {
    let message: String
    var suggestion: String?
}

/// What the environment and the file say about a key.
enum SettingsLookup {
    case found(String)
    case missing
    /// A fault was noted already.
    case faulty
}

extension SettingsReader {
    /// Finds the text of a single value and remembers its origin.
    func lookUp(_ key: String, variable: String?) -> SettingsLookup {
        let member = know(key)
        if let variable {
            do {
                if let found = try Environment.find(variable, in: environment) {
                    origins[key] = found.isFile ? .fileOf(variable: found.name) : .variable(found.name)
                    return .found(found.text)
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
    func scalar(_ node: YAMLNode, key: String) -> String? {
        guard let text = node.text else {
            report(line: node.line, key: key, message: "must be a single value")
            return nil
        }
        guard !node.isNull else {
            report(line: node.line, key: key, message: "has no value; give it one or remove the key")
            return nil
        }
        do {
            return try Interpolation.expand(text, environment: environment)
        } catch {
            report(line: node.line, key: key, message: error.message)
            return nil
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
        switch lookUp(key, variable: variable) {
        case .found(let text):
            do {
                result = try parse(text)
            } catch {
                report(key, error.message, suggestion: error.suggestion)
            }
        case .missing: if isRequired { reportMissing(key, variable: variable) }
        case .faulty: break
        }
        note(key, value: show(result), variable: variable)
        return result
    }

    func note(_ key: String, value: String?, variable: String? = nil) {
        context.effective.append(
            EffectiveSetting(key: path(of: key), value: value, origin: origins[key] ?? .builtIn, variable: variable))
    }
}
