package import Delivery
internal import Notifications
package import Transfer

/// What it means that no answer came: the same for every channel.
package enum TransportOutcome {
    /// A request that may have been acted on is ambiguous. One that never left may be sent again, unless it was its own
    /// fault.
    package static func outcome(of failure: TransferFailure) -> Outcome {
        switch failure.kind {
        case .blocked, .badURL: .rejected(say(failure, FailureClass.blocked), .blocked)
        case .invalid, .unsupported: .rejected(say(failure, FailureClass.permanent), .permanent)
        case .timeout: unanswered(failure, FailureClass.timeout, meansDown: true)
        // The engine itself says what follows from these: no attempt was made, or nobody waits for it.
        case .expired, .cancelled, .descriptors: unanswered(failure, FailureClass.transient, meansDown: false)
        case .dns, .connect, .tls, .reset, .other: unanswered(failure, FailureClass.transient, meansDown: true)
        }
    }

    /// An answer in another protocol than the request's, which the transfer never gives.
    package static let wrongProtocol = Outcome.ambiguous(
        Failure(class: FailureClass.transient, code: "wrong_protocol", message: "the answer is in another protocol"))

    private static func unanswered(_ failure: TransferFailure, _ kind: String, meansDown: Bool) -> Outcome {
        let said = say(failure, kind, meansDown: meansDown)
        return failure.requestSent ? .ambiguous(said) : .retry(said, after: nil)
    }

    private static func say(_ failure: TransferFailure, _ kind: String, meansDown: Bool = false) -> Failure {
        Failure(class: kind, code: failure.code, message: failure.message, meansDown: meansDown)
    }
}
