internal import Endpoints
internal import JSONBytes
internal import Notifications
internal import Settings
internal import Templates

// One element of a route's `notify`.
extension RoutingReader {
    func entry(_ section: SettingsReader, route: String, _ defaults: EntryDefaults) -> Entry {
        let channel = channel(section)
        let own = EntryDefaults(section, self, outer: defaults)
        let name = section.optionalString("name")
        if let name, !Self.isName(name) { section.report("name", Self.nameRule) }
        let routeName = name.map { "\(route)/\($0)" } ?? route
        let recipients = recipients(section, channel)
        let template = template(section, route: route, channel)
        return Entry(
            channel: channel ?? .email, routeName: Array(routeName.utf8), recipients: recipients ?? .paths([]),
            templates: template?.templates, defaults: own,
            routeJSON: Self.json([("route", routeName), ("template", template?.name)]),
            priorityJSON: Self.json([("priority", own.priority.word)]))
    }

    /// The members with a comma before each, ready to follow others.
    private static func json(_ members: [(StaticString, String?)]) -> [UInt8] {
        var json: [UInt8] = []
        for case (let name, let value?) in members {
            var writer = JSONWriter()
            writer.key(name)
            writer.string(value)
            json.append(UInt8(ascii: ","))
            json += writer.finish()
        }
        return json
    }

    private func channel(_ section: SettingsReader) -> ChannelName? {
        guard let word = section.optionalString("channel") else {
            if !section.has("channel") { section.report("", "has no channel") }
            return nil
        }
        if let channel = ChannelName(rawValue: word) { return channel }
        let words = ChannelName.allCases.map(\.rawValue)
        section.report(
            "channel", "must be one of \(words.joined(separator: ", ")), not \"\(word)\"",
            suggestion: Suggestion.nearest(to: word, among: words))
        return nil
    }

    // MARK: - Templates

    private func template(
        _ section: SettingsReader, route: String, _ channel: ChannelName?
    ) -> (name: String, templates: LocalizedTemplates?)? {
        let written = section.optionalString("template")
        guard let channel else { return nil }
        guard let templateChannel = TemplateChannel(rawValue: channel.rawValue) else {
            if written != nil { section.report("template", "a \(channel) has none: its body is the event's data") }
            return nil
        }
        let name = written ?? route
        guard let templates, !name.isEmpty else { return (name, nil) }
        guard templates.names.contains(name) else {
            section.report(
                "template",
                written == nil
                    ? "missing, and no template has the route's name \"\(name)\""
                    : "there is no template \"\(name)\"",
                suggestion: Suggestion.nearest(to: name, among: templates.names))
            return (name, nil)
        }
        let found = templates.templates(name: name, channel: templateChannel)
        if found == nil { section.report("template", "the template \"\(name)\" has no files for \(channel)") }
        return (name, found)
    }

    // MARK: - Recipients

    private func recipients(_ section: SettingsReader, _ channel: ChannelName?) -> RecipientRule? {
        guard let node = section.expanded("to") else {
            section.report("", "has no to: write where it goes")
            return nil
        }
        if node.members != nil { return endpointRule(section, node, channel) }
        guard let paths = paths(section, node, "to"), let channel else { return nil }
        guard channel != .webhook else {
            report(section, node, "to", "of a webhook must be { endpoint: … } or { url: …, endpoint: … }")
            return nil
        }
        return .paths(paths.map(RecipientPath.init))
    }

    private func endpointRule(_ section: SettingsReader, _ node: YAMLNode, _ channel: ChannelName?) -> RecipientRule? {
        for member in node.members ?? [] where !["endpoint", "url"].contains(member.key) {
            section.report(
                SettingsFault(
                    file: file, line: member.keyLine, key: "\(section.path).to.\(member.key)", message: "unknown key",
                    suggestion: Suggestion.nearest(to: member.key, among: ["endpoint", "url"])))
        }
        if let channel, channel != .webhook, channel != .slack {
            report(section, node, "to", "of \(channel) must be a path or a list of paths")
            return nil
        }
        let endpoint = endpoint(section, node, channel)
        guard let url = node["url"] else { return endpoint.map(RecipientRule.endpoint) }
        if channel == .slack { report(section, url, "to.url", "only a webhook can go to a URL of the event") }
        guard let paths = paths(section, url, "to.url"), let endpoint else { return nil }
        return .urls(paths.map(RecipientPath.init), endpoint: endpoint)
    }

    private func endpoint(_ section: SettingsReader, _ node: YAMLNode, _ channel: ChannelName?) -> [UInt8]? {
        guard let value = node["endpoint"], let name = value.text, !value.isNull, !name.isEmpty else {
            report(section, node["endpoint"] ?? node, "to.endpoint", "must be the name of an endpoint")
            return nil
        }
        guard let endpoints, let channel else { return Array(name.utf8) }
        let matching = endpoints.filter { $0.channel == channel }.map(\.name)
        if matching.contains(name) { return Array(name.utf8) }
        if let other = endpoints.first(where: { $0.name == name }) {
            report(section, value, "to.endpoint", "\"\(name)\" is an endpoint of \(other.channel), not of \(channel)")
        } else {
            report(
                section, value, "to.endpoint", "there is no endpoint \"\(name)\"",
                suggestion: Suggestion.nearest(to: name, among: matching))
        }
        return nil
    }
}
