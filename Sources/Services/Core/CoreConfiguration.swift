internal import Endpoints
internal import Glibc
package import Routing
package import Settings

/// The core's settings with everything they name, checked: what a reload replaces as a whole.
package struct CoreConfiguration: Sendable {
    package let settings: CoreSettings
    package let table: RoutingTable
    private let fileContacts: Handover

    /// The contacts of the file. They belong to whoever takes the configuration over.
    package var contacts: ContactTable { fileContacts.contacts }

    // Safe because the thread that loads a configuration lets go of it, and one other thread takes it over.
    private struct Handover: @unchecked Sendable { let contacts: ContactTable }

    /// Reads the settings, routes, templates, endpoint names and contacts; connects to nothing.
    ///
    /// - Throws: every fault of all files.
    package init(_ reader: SettingsReader) throws(SettingsError) {
        settings = CoreSettings(reader)
        settings.checkClients(reader)
        let endpoints = Self.readEndpoints(settings, reader)
        fileContacts = Handover(contacts: Self.readContacts(settings, reader))
        do throws(SettingsError) {
            table = try RoutingTable.load(
                file: settings.routingFile, templatesDirectory: settings.templatesDirectory, endpoints: endpoints,
                environment: reader.environment)
        } catch {
            for fault in error.faults { reader.report(fault) }
            try reader.finish()
            throw error
        }
        Self.name(settings.routingFile, reader)
        Self.name(settings.templatesDirectory, reader)
    }

    /// Makes the reader name a file that was read without it.
    private static func name(_ path: String, _ reader: SettingsReader) {
        reader.absorb(SettingsReader(file: path, node: nil, environment: [:]))
    }

    /// Only the names: the core sends nothing to an endpoint, so that it needs none of their secrets.
    private static func readEndpoints(_ settings: CoreSettings, _ reader: SettingsReader) -> [EndpointName] {
        guard exists(settings.endpointsFile, reader, key: "endpoints_file", variable: "ENDPOINTS_FILE") else {
            return []
        }
        let endpoints = SettingsReader(file: settings.endpointsFile, environment: [:])
        let names = EndpointsFile.readNames(endpoints)
        reader.absorb(endpoints)
        return names
    }

    private static func readContacts(_ settings: CoreSettings, _ reader: SettingsReader) -> ContactTable {
        let contacts = ContactTable()
        let section = reader.section("contacts")
        guard exists(settings.contactsFile, section, key: "file", variable: "CONTACTS_FILE") else { return contacts }
        do throws(SettingsError) {
            try contacts.load(file: settings.contactsFile, environment: reader.environment)
        } catch {
            for fault in error.faults { reader.report(fault) }
        }
        name(settings.contactsFile, reader)
        return contacts
    }

    /// A file that nobody asked for may be missing; one that was named may not.
    private static func exists(_ path: String, _ reader: SettingsReader, key: String, variable: String) -> Bool {
        let isNamed = reader.has(key) || !reader.environment[variable, default: ""].isEmpty
        return isNamed || access(path, F_OK) == 0
    }
}
