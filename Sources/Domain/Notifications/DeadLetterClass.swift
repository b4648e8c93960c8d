/// Why a record is a dead letter: the value of the header `x-dlq-error-class`.
package enum DeadLetterClass: String, CaseIterable, Sendable {
    /// Not the JSON, or not the shape, that the contract asks for.
    case malformed
    /// An event without a type.
    case noType = "no_type"
    case tooLarge = "too_large"
    /// A template could not be rendered, mostly because a value is missing.
    case template
    /// The destination will never accept this notification.
    case permanent
    /// Every attempt failed.
    case exhausted
    /// Perhaps delivered: the answer was lost, and the channel's policy is not to risk a second delivery.
    case inDoubt = "in_doubt"
    /// The endpoint asked not to be called any more.
    case endpointClosed = "endpoint_closed"
    /// An address or URL that the configuration does not allow to connect to.
    case blocked
    case unknownEndpoint = "unknown_endpoint"
    /// Waited for longer than `max_age`.
    case maxAge = "max_age"
}
