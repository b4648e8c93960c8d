/// What is fuzzed: each target takes any bytes at all, and says in one sentence what does not hold for them.
///
/// The same functions run under libFuzzer (`scripts/fuzz.sh`) and, over the seed corpus, in the unit tests.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The JSON scanner, its values and the writer.
    case json
    /// Records in all three event forms, and what the routes make of them.
    case events
    /// Mustache templates: compiled and rendered.
    case templates
    /// Event patterns: compiled and matched.
    case patterns
    /// Notifications as the consumers read them.
    case notifications
    /// The commit metadata of the consumers.
    case metadata

    /// Checks everything that must hold for `input`; a crash is a finding too.
    ///
    /// - Returns: what does not hold; nil when all is well.
    package func violation(_ input: UnsafeRawBufferPointer) -> String? {
        do throws(Violation) {
            switch self {
            case .json: try JSONProperties.check(input)
            case .events: try EventProperties.check(input)
            case .templates: try TemplateProperties.check(input)
            case .patterns: try PatternProperties.check(input)
            case .notifications: try NotificationProperties.check(input)
            case .metadata: try MetadataProperties.check(input)
            }
            return nil
        } catch {
            return error.sentence
        }
    }
}

/// A property that does not hold.
struct Violation: Error {
    let sentence: String

    /// Throws `sentence` unless `condition` holds.
    static func unless(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(sentence: sentence()) }
    }
}
