/// The error codes of Twilio that a sender can meet, and what each means for a notification.
enum TwilioCode {
    enum Kind: Sendable, Equatable {
        /// Not processed for want of capacity: send it again later.
        case rateLimited
        /// May pass by itself.
        case transient
        case permanent
        /// The recipient has unsubscribed.
        case unsubscribed
        /// The account cannot send at all.
        case auth
    }

    struct Meaning: Sendable, Equatable {
        let kind: Kind
        /// What it says, without the number it is about.
        let text: String

        init(_ kind: Kind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    static let table: [Int: Meaning] = [
        20003: Meaning(.auth, "the credentials are not accepted"),
        20429: Meaning(.rateLimited, "too many requests"),
        20500: Meaning(.transient, "an internal error"),
        20503: Meaning(.transient, "the service is not available"),
        21211: Meaning(.permanent, "the recipient is not a valid phone number"),
        21212: Meaning(.permanent, "the sender is not a valid phone number"),
        21408: Meaning(.permanent, "messages to the recipient's region are not enabled"),
        21606: Meaning(.permanent, "the sender cannot send to the recipient"),
        21608: Meaning(.permanent, "a trial account can send to verified numbers only"),
        21610: Meaning(.unsubscribed, "the recipient has unsubscribed"),
        21612: Meaning(.permanent, "the recipient cannot be reached from the sender"),
        21614: Meaning(.permanent, "the recipient is not a mobile number"),
        21617: Meaning(.permanent, "the text is too long"),
        30001: Meaning(.transient, "the provider's queue is full"),
        30003: Meaning(.transient, "the handset cannot be reached"),
        30004: Meaning(.permanent, "the message is blocked"),
        30005: Meaning(.permanent, "the handset is unknown"),
        30006: Meaning(.permanent, "the number is a landline or cannot be reached"),
        30007: Meaning(.permanent, "the carrier filtered the message"),
        30008: Meaning(.transient, "an unknown error of the carrier"),
        30017: Meaning(.transient, "the carrier's network is congested"),
        30034: Meaning(.permanent, "the sender is not registered for 10DLC"),
    ]
}
