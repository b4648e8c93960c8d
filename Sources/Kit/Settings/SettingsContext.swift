/// What the readers of one file share. Used on one thread.
final class SettingsContext {
    let file: String?
    let environment: [String: String]
    /// The file could not be read as YAML: what it sets is unknown, so nothing counts as missing.
    let isBroken: Bool
    var faults: [SettingsFault] = []
    var effective: [EffectiveSetting] = []
    var otherFiles: [String] = []

    init(file: String?, environment: [String: String], isBroken: Bool) {
        self.file = file
        self.environment = environment
        self.isBroken = isBroken
    }

    /// What a fault names when it is in no file.
    var fileName: String { file ?? "configuration" }
}
