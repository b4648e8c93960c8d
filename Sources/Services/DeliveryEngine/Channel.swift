package import Delivery
package import Notifications
package import Time
package import Transfer

/// A way of delivering: a small pure value that turns notifications into requests and answers into outcomes.
///
/// The engine does everything else: Kafka, order, limits, circuits, retries, dead letters, status. The methods are
/// called on the engine's own thread, do no I/O and do not block.
package protocol Channel: Sendable {
    /// Decides the default topic and group names, and which notifications belong here.
    var name: ChannelName { get }

    /// Whether notifications can go to more than one destination, so that one must not take the place of the others.
    var hasSeveralDestinations: Bool { get }

    /// The lane and circuit of a notification with its limits.
    ///
    /// - Throws: `Refusal` when it can go nowhere, such as to an endpoint that does not exist.
    func destination(of notification: Notification) throws(Refusal) -> Destination

    /// The request of one attempt.
    ///
    /// - Throws: `Refusal` when the content or the recipient can never be sent.
    func request(for notification: Notification, attempt: Attempt) throws(Refusal) -> TransferRequest

    /// What the answer means.
    func outcome(of result: TransferResult, for notification: Notification, now: UnixTime) -> Outcome
}

extension Channel {
    /// A channel with one provider has one destination.
    package var hasSeveralDestinations: Bool { false }
}
