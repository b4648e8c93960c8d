extension SettingsReader {
    /// Notes a fault of `key`, where its value came from; `key` empty means the section itself.
    package func report(_ key: String, _ message: String, suggestion: String? = nil) {
        switch origins[key] {
        case .variable(let name), .fileOf(let name):
            context.faults.append(
                SettingsFault(file: "environment", key: name, message: message, suggestion: suggestion))
        case .file(_, let line):
            report(line: line, key: path(of: key), message: message, suggestion: suggestion)
        case .builtIn, nil:
            let line = node?.member(key)?.value.line ?? line
            report(line: line, key: key.isEmpty ? path : path(of: key), message: message, suggestion: suggestion)
        }
    }

    /// Notes a fault that another check found.
    package func report(_ fault: SettingsFault) { context.faults.append(fault) }

    /// Notes the faults of a file that was loaded by itself.
    package func report(_ error: SettingsError) { context.faults += error.faults }

    func report(line: Int, key: String, message: String, suggestion: String? = nil) {
        context.faults.append(
            SettingsFault(
                file: context.fileName, line: context.file == nil ? nil : line, key: key, message: message,
                suggestion: suggestion))
    }

    func reportMissing(_ key: String, variable: String?) {
        guard !context.isBroken else { return }
        var message = "missing; set \(path(of: key)) in the file"
        if let variable { message += " or \(variable) in the environment" }
        report(line: line, key: path(of: key), message: message)
    }

    /// How many faults of the file were noted so far, by whichever of its readers.
    package var faultCount: Int { context.faults.count }

    /// What was noted and the unknown keys; by file in the order of appearance, then by line.
    package var allFaults: [SettingsFault] {
        let faults = context.faults + unknownKeys(root: self)
        var files: [String: Int] = context.file.map { [$0: 0] } ?? [:]
        for fault in faults where files[fault.file] == nil { files[fault.file] = files.count }
        // The index keeps the sort stable.
        let order = faults.enumerated().map { (index: $0, file: files[$1.file] ?? 0, line: $1.line ?? 0, fault: $1) }
        return order.sorted { ($0.file, $0.line, $0.index) < ($1.file, $1.line, $1.index) }.map(\.fault)
    }

    private func unknownKeys(root: SettingsReader) -> [SettingsFault] {
        guard !ignoresUnknownKeys else { return [] }
        var faults: [SettingsFault] = []
        for member in node?.members ?? [] where !known.contains(member.key) {
            faults.append(
                SettingsFault(
                    file: context.fileName, line: context.file == nil ? nil : member.keyLine, key: path(of: member.key),
                    message: "unknown key", suggestion: suggestion(for: member.key, root: root)))
        }
        return faults + children.flatMap { $0.reader.unknownKeys(root: root) }
    }

    /// A key of this section that looks alike, else one of the same name in another section.
    private func suggestion(for key: String, root: SettingsReader) -> String? {
        let free = known.filter { !has($0) }
        return Suggestion.nearest(to: key, among: free).map(path(of:)) ?? root.pathOfKnown(key, except: self)
    }

    private func pathOfKnown(_ key: String, except reader: SettingsReader) -> String? {
        if self !== reader, known.contains(key) { return path(of: key) }
        for child in children {
            if let path = child.reader.pathOfKnown(key, except: reader) { return path }
        }
        return nil
    }
}
