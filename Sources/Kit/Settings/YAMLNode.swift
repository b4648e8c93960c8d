/// A part of a YAML file with the line it begins on.
///
/// Only what configuration needs: one document of mappings with text keys, sequences and scalars. Anchors, tags and
/// doubled keys are faults, not features.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// A scalar's text; `plain` when it stood without quotes, so that `true` and `5` may mean more than text.
        case scalar(String, plain: Bool)
        case sequence([YAMLNode])
        /// The members in the file's order; no key comes twice.
        case mapping([Member])
    }

    /// A key of a mapping and what belongs to it.
    package struct Member: Sendable, Equatable {
        package let key: String
        package let keyLine: Int
        package let value: YAMLNode
    }

    /// What became of the `${NAME}` in a scalar.
    package enum Expansion: Sendable, Equatable {
        /// There was none, or it is not expanded yet, or the text it became may be shown.
        case open
        /// A variable that holds a secret was put in: the text must not be shown.
        case secret
        /// It could not be expanded, which was noted: what else is wrong with the scalar follows from that.
        case failed
    }

    package let content: Content
    /// From 1.
    package let line: Int
    /// `open` for anything but a scalar.
    package let expansion: Expansion

    package init(content: Content, line: Int, expansion: Expansion = .open) {
        self.content = content
        self.line = line
        self.expansion = expansion
    }

    /// Reads a file of at most 1 MiB. An empty file is an empty mapping.
    /// - Throws: every fault of the file.
    package static func load(file: String) throws(SettingsError) -> YAMLNode {
        var faults: [SettingsFault] = []
        let node = load(file: file, faults: &faults)
        guard let node, faults.isEmpty else { throw SettingsError(faults: faults) }
        return node
    }

    /// Reads a text; `file` is what faults name.
    /// - Throws: every fault of the text.
    package static func parse(_ text: String, file: String) throws(SettingsError) -> YAMLNode {
        var faults: [SettingsFault] = []
        let node = parse(text, file: file, faults: &faults)
        guard let node, faults.isEmpty else { throw SettingsError(faults: faults) }
        return node
    }

    /// The same, but gives what is usable beside the faults, so that further checks can add theirs.
    /// - Returns: nil when the file cannot be read or is no YAML.
    package static func load(file: String, faults: inout [SettingsFault]) -> YAMLNode? {
        do {
            return parse(try TextFile.read(file), file: file, faults: &faults)
        } catch {
            faults.append(SettingsFault(file: file, message: error.message))
            return nil
        }
    }

    /// The same, but gives what is usable beside the faults.
    /// - Returns: nil when the text is no YAML.
    package static func parse(_ text: String, file: String, faults: inout [SettingsFault]) -> YAMLNode? {
        YAMLParser(text: text, file: file).parse(&faults)
    }

    /// The value of `key` when this is a mapping that has it.
    package subscript(key: String) -> YAMLNode? { member(key)?.value }

    /// The members of a mapping; nil for anything else.
    package var members: [Member]? {
        if case .mapping(let members) = content { members } else { nil }
    }

    /// The elements of a sequence; nil for anything else.
    package var elements: [YAMLNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The text of a scalar; nil for anything else.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether it says nothing: an empty value, `~` or `null` without quotes.
    package var isNull: Bool {
        if case .scalar(let text, plain: true) = content { Self.isNull(plain: text) } else { false }
    }

    /// Whether a text without quotes says nothing.
    static func isNull(plain text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    func member(_ key: String) -> Member? { members?.first { $0.key == key } }
}
