/// Typed reads from one YAML file, the environment and defaults.
///
/// Nothing throws on the way: a fault is noted, the default is returned and the next key is read, so that `finish`
/// can name every fault at once. Every key that is read becomes a known one; what the file has beyond is a fault.
/// A variable overrides the file; see `Environment.find` for its rules and `Interpolation` for `${NAME}` in the file.
/// Used on one thread.
package final class SettingsReader {
    let context: SettingsContext
    /// The mapping this reader reads; nil when the file has none here.
    let node: YAMLNode?
    /// The sections above, joined by points; empty at the top.
    package let path: String
    /// The line of the section's key; 1 at the top.
    let line: Int
    private(set) var known: [String] = []
    private(set) var children: [(key: String, reader: SettingsReader)] = []
    /// Where each key that was read came from, for faults that are found later.
    var origins: [String: EffectiveSetting.Origin] = [:]
    private(set) var ignoresUnknownKeys = false

    /// Reads a file that was parsed already, or none.
    package convenience init(file: String?, node: YAMLNode?, environment: [String: String]) {
        self.init(context: SettingsContext(file: file, environment: environment, isBroken: false), root: node)
    }

    /// Reads a file; without one there are only the environment and the defaults.
    package convenience init(file: String?, environment: [String: String]) {
        var faults: [SettingsFault] = []
        let node = file.flatMap { YAMLNode.load(file: $0, faults: &faults) }
        let context = SettingsContext(file: file, environment: environment, isBroken: file != nil && node == nil)
        context.faults = faults
        self.init(context: context, root: node)
    }

    private convenience init(context: SettingsContext, root: YAMLNode?) {
        if let root, root.members == nil {
            context.faults.append(
                SettingsFault(file: context.fileName, line: root.line, message: "must be a mapping of keys to values"))
        }
        self.init(context: context, node: root, path: "", line: 1)
    }

    init(context: SettingsContext, node: YAMLNode?, path: String, line: Int) {
        self.context = context
        self.node = node?.members == nil ? nil : node
        self.path = path
        self.line = line
    }

    /// The file's path; nil when there is none.
    package var file: String? { context.file }

    /// The files that were read, with those of absorbed readers.
    package var files: [String] { (context.file.map { [$0] } ?? []) + context.otherFiles }

    /// The variables that override the file.
    package var environment: [String: String] { context.environment }

    /// The keys the file has here, in its order.
    package var keys: [String] { node?.members?.map(\.key) ?? [] }

    /// The values read so far, in the order they were read, with those of absorbed readers.
    package var effective: [EffectiveSetting] { context.effective }

    /// The mapping under `key`; empty when the file has none. Asking again gives the same reader.
    package func section(_ key: String) -> SettingsReader {
        if let child = children.first(where: { $0.key == key }) { return child.reader }
        let child = reader(for: know(key), path: path(of: key))
        children.append((key, child))
        return child
    }

    /// The whole value of `key` as it stands in the file, for its lines and its form; nil when it is not there. A part
    /// that reads the value by itself takes ``expanded(_:)``.
    package func node(_ key: String) -> YAMLNode? { know(key)?.value }

    /// Whether the file has `key`. Does not make it a known one.
    package func has(_ key: String) -> Bool { node?.member(key) != nil }

    /// Whether the file or a variable sets `key`, which was read before.
    package func isSet(_ key: String) -> Bool { origins[key] != nil }

    /// Whether the value of `key`, which was read before, must not be shown.
    package func isSecret(_ key: String) -> Bool {
        context.effective.contains { $0.key == path(of: key) && $0.value == Secret.mask }
    }

    /// Lets everything under this reader stand unread: another process needs it.
    package func ignoreUnknownKeys() { ignoresUnknownKeys = true }

    /// Takes over the faults, unknown keys included, and the values of a reader of another file.
    package func absorb(_ other: SettingsReader) {
        guard other.context !== context else { return }
        context.faults += other.allFaults
        context.effective += other.effective
        context.otherFiles += other.files.filter { !files.contains($0) }
    }

    /// Ends the reading.
    /// - Throws: every fault, unknown keys included, by file and line.
    package func finish() throws(SettingsError) {
        let faults = allFaults
        guard faults.isEmpty else { throw SettingsError(faults: faults) }
    }

    /// The reader of a mapping inside this one; a fault when it is something else.
    func reader(for member: YAMLNode.Member?, path: String) -> SettingsReader {
        if let member, member.value.members == nil, !member.value.isNull {
            report(line: member.value.line, key: path, message: "must be a mapping of keys to values")
        }
        return SettingsReader(context: context, node: member?.value, path: path, line: member?.keyLine ?? line)
    }

    func adopt(_ reader: SettingsReader, as key: String) { children.append((key, reader)) }

    /// Makes `key` a known one.
    @discardableResult
    func know(_ key: String) -> YAMLNode.Member? {
        if !known.contains(key) { known.append(key) }
        return node?.member(key)
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
