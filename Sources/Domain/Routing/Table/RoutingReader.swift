internal import Endpoints
internal import Settings
internal import Templates

/// Compiles the routes of a YAML file and notes their faults in the file's reader.
struct RoutingReader {
    let file: String
    /// nil where the templates themselves are faulty.
    let templates: TemplateSet?
    /// nil where the endpoints are not known.
    let endpoints: [EndpointName]?

    func read(_ reader: SettingsReader) -> RoutingTable {
        if reader.node("routes")?.isNull ?? true {
            reader.report("routes", "missing; a table without routes says routes: []")
        }
        var lines: [String: Int] = [:]
        let routes = reader.items("routes").map { section in
            let route = route(section)
            let line = section.node("name")?.line ?? section.node("event")?.line ?? 0
            if let other = lines.updateValue(line, forKey: route.name), !route.name.isEmpty {
                section.report("name", "\"\(route.name)\" is the name of the route at line \(other) too")
            }
            return route
        }
        return RoutingTable(routes: routes)
    }

    private func route(_ section: SettingsReader) -> Route {
        let event = section.expanded("event")
        let events = events(section, event)
        let name = name(section, event, events)
        let defaults = EntryDefaults(section, self)
        if !section.has("notify") { section.report("", "has no notify: write what becomes of the event") }
        let entries = section.items("notify").map { entry($0, route: name, defaults) }
        if section.has("notify"), entries.isEmpty { section.report("notify", "must be a list of notifications") }
        reportDoubles(section, entries, route: name)
        return Route(name: name, events: events, pattern: pattern(section), entries: entries)
    }

    /// A name tells entries apart, so within a channel it must not come twice.
    private func reportDoubles(_ section: SettingsReader, _ entries: [Entry], route: String) {
        for (position, entry) in entries.enumerated() where entry.routeName.count > route.utf8.count {
            let isDouble = entries[..<position].contains {
                $0.routeName == entry.routeName && $0.channel == entry.channel
            }
            if isDouble { section.report("notify", "two entries of one channel have the same name") }
        }
    }

    // MARK: - Events and name

    private func events(_ section: SettingsReader, _ node: YAMLNode?) -> [EventName] {
        guard let node else {
            section.report("", "has no event: write a type, a list of types, or a prefix such as order.*")
            return []
        }
        let elements = node.elements ?? [node]
        if elements.isEmpty { section.report("event", "must not be empty") }
        return elements.compactMap { element in
            guard let text = element.text, !element.isNull, !text.isEmpty, element.expansion != .failed else {
                report(section, element, "event", "must be an event's type")
                return nil
            }
            guard let star = text.firstIndex(of: "*") else { return .exact(text) }
            guard star == text.index(before: text.endIndex) else {
                report(section, element, "event", "\"\(text)\" may have a star only at its end")
                return nil
            }
            return .prefix(String(text.dropLast()))
        }
    }

    private func name(_ section: SettingsReader, _ node: YAMLNode?, _ events: [EventName]) -> String {
        if let name = section.optionalString("name") {
            if !Self.isName(name) { section.report("name", Self.nameRule) }
            return name
        }
        guard let node else { return "" }
        guard node.elements == nil, case .exact(let type) = events.first else {
            if !events.isEmpty { section.report("name", "missing; a list or a prefix of events needs one") }
            return ""
        }
        let name = type.replacing(".", with: "-")
        if !Self.isName(name) {
            report(section, node, "name", "missing; \"\(name)\" cannot be one: it \(Self.nameRule)")
        }
        return name
    }

    private func pattern(_ section: SettingsReader) -> Pattern? {
        guard let node = section.expanded("when") else { return nil }
        do throws(SettingsError) {
            return try Pattern.compile(node, key: "\(section.path).when", file: file)
        } catch {
            for fault in error.faults { section.report(fault) }
            return nil
        }
    }

    // MARK: - Helpers for all parts

    static let nameRule = "must be 1 to 128 letters, digits, hyphens, underscores and points"

    static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    func report(
        _ section: SettingsReader, _ node: YAMLNode, _ key: String, _ message: String, suggestion: String? = nil
    ) {
        let fault = SettingsFault(
            file: file, at: node, key: "\(section.path).\(key)", message: message, suggestion: suggestion)
        if let fault { section.report(fault) }
    }

    /// A path, or nil after noting a fault.
    func path(_ section: SettingsReader, _ node: YAMLNode, _ key: String) -> ValuePath? {
        guard let text = node.text, !node.isNull else {
            report(section, node, key, "must be a path such as order.id")
            return nil
        }
        do throws(ValuePath.Fault) {
            return try ValuePath(text)
        } catch {
            let suggestion = error.contactField.flatMap { Suggestion.nearest(to: $0, among: ContactTable.fields) }
            report(section, node, key, error.message, suggestion: suggestion.map { "contact.\($0)" })
            return nil
        }
    }

    /// A path or a list of paths; nil after noting a fault.
    func paths(_ section: SettingsReader, _ node: YAMLNode, _ key: String) -> [ValuePath]? {
        let elements = node.elements ?? [node]
        if elements.isEmpty { report(section, node, key, "must not be empty") }
        let paths = elements.compactMap { path(section, $0, key) }
        return paths.count == elements.count && !paths.isEmpty ? paths : nil
    }
}
