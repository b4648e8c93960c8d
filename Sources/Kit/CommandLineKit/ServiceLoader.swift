internal import Settings

/// Loads the configuration of a service from the same places each time.
struct ServiceLoader<Definition: ServiceDefinition>: Sendable {
    struct Loaded {
        let configuration: Definition.Configuration
        let process: ProcessSettings
    }

    /// The configuration or its faults, and what is known beside either.
    struct Outcome {
        var loaded: Loaded?
        var faults: [SettingsFault] = []
        let files: [String]
        let effective: [EffectiveSetting]
    }

    let definition: Definition
    let environment: [String: String]
    let explicitFile: String?

    func load() -> Outcome {
        let reader = reader()
        let process = ProcessSettings(
            reader, name: definition.name, defaultAddress: definition.defaultOperationsAddress)
        do throws(SettingsError) {
            let configuration = try definition.load(reader)
            try reader.finish()
            return Outcome(
                loaded: Loaded(configuration: configuration, process: process), files: reader.files,
                effective: reader.effective)
        } catch {
            // A load that gave up over another file's faults must not hide those of this one.
            let faults = reader.allFaults
            return Outcome(
                faults: faults + error.faults.filter { !faults.contains($0) }, files: reader.files,
                effective: reader.effective)
        }
    }

    /// Only what every process has; faults of the rest do not matter.
    func processSettings() -> ProcessSettings {
        ProcessSettings(reader(), name: definition.name, defaultAddress: definition.defaultOperationsAddress)
    }

    private func reader() -> SettingsReader {
        let file = ConfigLocator.find(
            definition.configurationFile, explicit: explicitFile, environment: environment)
        return SettingsReader(file: file, environment: environment)
    }
}
