internal import Core
internal import Endpoints
internal import Kafka
internal import Notifications
internal import Routing
internal import Settings

/// What the core maps with, loaded as the core loads it, with another routing table where one is asked for.
enum RoutingFiles {
    /// - Parameters:
    ///   - routing: the table; nil is that of core.yaml. Templates and endpoints are those of core.yaml.
    /// - Throws: every fault of the table and the templates.
    static func load(routing: String?, environment: [String: String]) throws(SettingsError) -> RoutingTable {
        let reader = SettingsReader(
            file: ConfigLocator.find("core.yaml", environment: environment), environment: environment)
        let settings = CoreSettings(reader)
        return try RoutingTable.load(
            file: routing ?? settings.routingFile, templatesDirectory: settings.templatesDirectory,
            endpoints: try endpointNames(settings.endpointsFile), environment: environment)
    }

    /// The contacts of the core's file.
    static func contacts(environment: [String: String]) throws(SettingsError) -> ContactTable {
        let reader = SettingsReader(
            file: ConfigLocator.find("core.yaml", environment: environment), environment: environment)
        let file = CoreSettings(reader).contactsFile
        let contacts = ContactTable()
        if (try? TextFile.read(file)) != nil { try contacts.load(file: file, environment: environment) }
        return contacts
    }

    private static func endpointNames(_ file: String) throws(SettingsError) -> [EndpointName] {
        (try? TextFile.read(file)) == nil ? [] : try EndpointsFile.names(file: file)
    }
}
