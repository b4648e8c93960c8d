/// Why an attempt did not deliver, in words that are safe everywhere: no secret, no recipient's address, no body.
///
/// The three texts go to the status record, the dead letter's headers, logs and (class and code) metric labels.
package struct Failure: Error, Sendable, Equatable {
    /// The class that says: fewer requests, to all of the destination.
    package static let rateLimited = "rate_limited"

    /// The kind of failure, of a small fixed set: `transient`, `timeout`, `rate_limited`, `auth`, `permanent` ...
    package var `class`: String
    /// What the peer or the transport said, short and of a bounded set: `http_503`, `smtp_450`, `twilio_20429`, `dns`.
    package var code: String
    /// One sentence for a person.
    package var message: String
    /// The failure says that the destination as a whole is down; it counts for the destination's circuit.
    package var meansDown: Bool

    package init(class: String, code: String, message: String, meansDown: Bool = false) {
        self.class = `class`
        self.code = code
        self.message = message
        self.meansDown = meansDown
    }
}
