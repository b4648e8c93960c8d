internal import Events
package import Settings

/// An Amazon EventBridge event pattern, compiled.
///
/// All fields of a pattern must match, each by any of its conditions; a field in an array matches by any element, but
/// several fields inside of one array must match in the same element. `$or` becomes branches of which one must match.
/// Fields start in the event's data; `event.id`, `event.type`, `event.source`, `event.time` and `event.subject` are
/// the attributes. Immutable, so usable from any thread.
package struct Pattern: Sendable {
    /// Fields in the order of their names, as Event Ruler tries them: it decides what `exists: false` means for one
    /// element of an array.
    let branches: [[Field]]

    struct Field: Sendable {
        /// The path with dots.
        let name: String
        let root: Root
        /// Any of these must hold for a value.
        let conditions: [Condition]
        /// Whether the field may also be missing: `exists: false`.
        let mayBeAbsent: Bool
        /// The conditions as the table has them, as JSON: for people.
        let source: String
    }

    enum Root: Sendable {
        case data(FieldPath)
        case attribute(EventAttribute)
    }

    /// Compiles `node`; `key` and `file` are what faults name.
    ///
    /// - Throws: every fault of the pattern.
    package static func compile(_ node: YAMLNode, key: String, file: String) throws(SettingsError) -> Pattern {
        var compiler = PatternCompiler(file: file)
        let pattern = compiler.compile(node, key: key)
        guard compiler.faults.isEmpty else { throw SettingsError(faults: compiler.faults) }
        return pattern
    }
}
