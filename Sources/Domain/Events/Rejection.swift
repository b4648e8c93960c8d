/// Why a record is no event, or why an event cannot be mapped: what its dead letter in `events.dlq` says.
package struct Rejection: Error, Sendable, Equatable {
    /// The value of the header `x-dlq-error-class`.
    package enum Class: String, CaseIterable, Sendable {
        case malformed
        case noType = "no_type"
        case tooLarge = "too_large"
        case template
    }

    /// The step that refused: the value of the header `x-dlq-error-stage`. The steps of the channels' consumers have other
    /// names: by these a dead letter is known as an event's.
    package enum Stage: String, Sendable {
        /// Reading the record as an event.
        case read
        /// Making notifications of the event.
        case map
    }

    package let `class`: Class
    /// A stable word, such as `not_json` or `missing_value`.
    package let code: String
    /// One sentence that names the place and never repeats content.
    package let message: String
    package let stage: Stage

    package init(_ class: Class, code: String, message: String, stage: Stage) {
        self.class = `class`
        self.code = code
        self.message = message
        self.stage = stage
    }

    static func malformed(_ code: String, _ message: String) -> Rejection {
        Rejection(.malformed, code: code, message: message, stage: .read)
    }
}
