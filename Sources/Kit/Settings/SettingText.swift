/// The text of a single value as it was found.
struct SettingText {
    var text: String
    /// The line it stands on in the file; nil when it comes from the environment.
    var line: Int?
    /// Whether a variable that holds a secret was put into it: it must not be shown.
    var isSecret = false
}

/// What the environment and the file say about a key.
enum SettingsLookup {
    case found(SettingText)
    case missing
    /// A fault was noted already.
    case faulty
}
