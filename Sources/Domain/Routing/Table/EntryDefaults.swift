internal import JSONBytes
internal import Notifications
internal import Settings

/// What a route may say once for all of its entries, and an entry for itself.
struct EntryDefaults {
    private(set) var priority = Priority.normal
    private(set) var expiresIn: Duration?
    private(set) var localePaths = LocalePaths.standard
    private(set) var metadata: [Entry.Metadatum] = []

    /// Reads the route's or the entry's own values; what it does not say stays as in `outer`.
    init(_ section: SettingsReader, _ reader: RoutingReader, outer: EntryDefaults? = nil) {
        if let outer { self = outer }
        if let word = section.optionalString("priority") {
            if let priority = Priority(word: word) ?? Int(word).flatMap(Priority.init(rawValue:)) {
                self.priority = priority
            } else {
                let words = Priority.allCases.map(\.word)
                section.report(
                    "priority", "must be one of \(words.joined(separator: ", ")), not \"\(word)\"",
                    suggestion: Suggestion.nearest(to: word, among: words))
            }
        }
        if section.has("expires_in") {
            expiresIn = section.duration("expires_in", default: .zero, in: .seconds(1) ... .seconds(365 * 86_400))
        }
        if let node = section.expanded("locale") {
            localePaths = LocalePaths(reader.paths(section, node, "locale") ?? [])
        }
        if let node = section.expanded("metadata") {
            metadata = Self.metadata(section, node, reader)
        }
    }

    private static func metadata(
        _ section: SettingsReader, _ node: YAMLNode, _ reader: RoutingReader
    ) -> [Entry.Metadatum] {
        guard let members = node.members else {
            reader.report(section, node, "metadata", "must be a mapping of names to constants or { path: … }")
            return []
        }
        return members.compactMap { member in
            let key = "metadata.\(member.key)"
            var writer = JSONWriter()
            writer.key(member.key)
            let keyJSON = writer.finish()
            if let scalar = YAMLScalar(member.value) {
                var writer = JSONWriter()
                scalar.write(to: &writer)
                return Entry.Metadatum(keyJSON: keyJSON, value: .constant(json: writer.finish()))
            }
            guard let inner = member.value.members, inner.count == 1, inner[0].key == "path" else {
                reader.report(section, member.value, key, "must be a constant or { path: … }")
                return nil
            }
            return reader.path(section, inner[0].value, key).map {
                Entry.Metadatum(keyJSON: keyJSON, value: .path($0))
            }
        }
    }
}
