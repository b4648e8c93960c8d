internal import DeadLetters
internal import Events
internal import Kafka
internal import Notifications

extension DeadLetter {
    /// The record that takes a rejected event to `events.dlq`.
    ///
    /// - Parameters:
    ///   - group: the consumer group that rejected it.
    ///   - form: what the topic may take.
    init(of record: OwnedRecord, because rejection: Rejection, group: String, form: Form) {
        let reason = Reason(
            class: rejection.class.deadLetter, code: rejection.code, message: rejection.message,
            stage: rejection.stage.rawValue)
        self = DeadLetter(
            of: record, from: RecordOrigin(of: record, group: group), because: reason, attempts: 0
        ).shrunk(to: form)
    }
}

extension Rejection.Class {
    fileprivate var deadLetter: DeadLetterClass {
        switch self {
        case .malformed: .malformed
        case .noType: .noType
        case .tooLarge: .tooLarge
        case .template: .template
        }
    }
}
