package import Endpoints
package import Notifications
package import Settings
internal import Templates

/// `config/routing.yaml` and the templates it uses, compiled. Immutable, so usable from any thread.
package struct RoutingTable: Sendable {
    let routes: [Route]

    /// Reads the table and the templates.
    ///
    /// - Parameters:
    ///   - endpoints: the endpoints that exist; nil where they are not known, then no name is checked.
    ///   - environment: for `${NAME}` in values.
    /// - Throws: every fault of the table and of the templates.
    package static func load(
        file: String, templatesDirectory: String, endpoints: [EndpointName]?, environment: [String: String]
    ) throws(SettingsError) -> RoutingTable {
        var faults: [SettingsFault] = []
        let templates = loadTemplates(templatesDirectory, faults: &faults)
        var fileFaults: [SettingsFault] = []
        guard let node = YAMLNode.load(file: file, faults: &fileFaults) else {
            throw SettingsError(faults: fileFaults + faults)
        }
        let reader = SettingsReader(file: file, node: node, environment: environment)
        for fault in fileFaults { reader.report(fault) }
        let table = RoutingReader(file: file, templates: templates, endpoints: endpoints).read(reader)
        for fault in faults { reader.report(fault) }
        try reader.finish()
        return table
    }

    /// The names of all routes, in their order; a mapped record's `routeIndex` counts in them.
    package var routeNames: [String] { routes.map(\.name) }

    /// The channels that at least one route writes to.
    package var channels: Set<ChannelName> { Set(routes.flatMap { $0.entries.map(\.channel) }) }

    /// The positions of the routes that want events of a type, in their order.
    func routes(for type: UnsafeRawBufferPointer) -> [Int] {
        routes.indices.filter { index in routes[index].events.contains { $0.matches(type) } }
    }

    private static func loadTemplates(_ directory: String, faults: inout [SettingsFault]) -> TemplateSet? {
        do throws(TemplateError) {
            return try TemplateSet.load(directory: directory)
        } catch {
            faults += error.faults.map {
                SettingsFault(file: $0.file, line: $0.line, message: $0.message, suggestion: $0.suggestion)
            }
            return nil
        }
    }
}
