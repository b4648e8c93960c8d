internal import Delivery
internal import Transfer

/// What the SMS channel needs to know.
struct SMSConfig: Sendable {
    /// Where a message is posted, the account's path included.
    var url: WebAddress
    var accountSID: String
    var authToken: String
    var sender: Sender
    /// Limit of one attempt.
    var timeout: Duration
    /// nil: no limit.
    var rate: Destination.Rate?

    /// In whose name messages go.
    enum Sender: Sendable, Equatable {
        /// A phone number, a short code or an alphanumeric name.
        case from(String)
        /// A messaging service, whose id starts with `MG`.
        case messagingService(String)

        init(_ text: String) {
            self = text.hasPrefix("MG") ? .messagingService(text) : .from(text)
        }
    }
}
