package import Notifications

/// A notification that can never become a request: it goes to the dead letter topic without an attempt.
package struct Refusal: Error, Sendable, Equatable {
    package var deadLetter: DeadLetterClass
    /// Short, of a bounded set: `unknown_endpoint`, `bad_phone`.
    package var code: String
    /// One sentence for a person, without secrets, addresses or bodies.
    package var message: String

    package init(deadLetter: DeadLetterClass, code: String, message: String) {
        self.deadLetter = deadLetter
        self.code = code
        self.message = message
    }
}
