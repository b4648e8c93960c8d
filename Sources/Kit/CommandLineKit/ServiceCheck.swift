package import Settings

/// A service's whole configuration, checked as `--check` does, for whoever checks several services.
package struct ServiceCheck: Sendable {
    /// The files that were read.
    package let files: [String]
    package let faults: [SettingsFault]

    /// - Parameter file: the service's own file; nil looks for it where the service does.
    package init(_ definition: some ServiceDefinition, file: String? = nil, environment: [String: String]) {
        let outcome = ServiceLoader(definition: definition, environment: environment, explicitFile: file).load()
        (files, faults) = (outcome.files, outcome.faults)
    }
}
