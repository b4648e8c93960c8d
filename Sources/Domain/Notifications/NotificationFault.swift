/// Why a record of a channel's topic is no notification of that channel: what its dead letter says.
package struct NotificationFault: Error, Sendable, Equatable {
    /// `malformed` or `too_large`.
    package let deadLetterClass: DeadLetterClass
    /// A stable word: `empty`, `not_json`, `too_deep`, `invalid_utf8`, `missing_field`, `wrong_type`, `bad_value`,
    /// `wrong_channel`, `too_large`.
    package let code: String
    /// One sentence that names the field and never its value.
    package let message: String

    package init(_ deadLetterClass: DeadLetterClass = .malformed, code: String, message: String) {
        self.deadLetterClass = deadLetterClass
        self.code = code
        self.message = message
    }
}
