internal import Delivery

/// The words that channels use for ``Failure/class``: a small fixed set, fit for a metric label.
package enum FailureClass {
    /// May pass by itself.
    package static let transient = "transient"
    package static let timeout = "timeout"
    /// The peer asks for fewer requests.
    package static let rateLimited = Failure.rateLimited
    /// The peer does not accept our credentials.
    package static let auth = "auth"
    /// Will not pass by itself.
    package static let permanent = "permanent"
    /// The configuration does not allow to connect there.
    package static let blocked = "blocked"
    /// The endpoint wants nothing any more.
    package static let closed = "endpoint_closed"
    /// The recipient wants nothing any more.
    package static let unsubscribed = "unsubscribed"
}
