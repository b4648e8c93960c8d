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
    init(of record: OwnedRecord, because reason: Reason, group: String, form: Form) {
        self = DeadLetter(
            of: record, from: RecordOrigin(of: record, group: group), because: reason, attempts: 0
        ).shrunk(to: form)
    }
}

extension DeadLetter.Reason {
    init(_ rejection: Rejection) {
        self.init(
            class: rejection.class.deadLetter, code: rejection.code, message: rejection.message,
            stage: rejection.stage.rawValue)
    }

    /// Kafka takes nothing that becomes of the event.
    ///
    /// - Parameter code: what it answered.
    static func refused(_ code: String?) -> DeadLetter.Reason {
        let code = code ?? "UNKNOWN"
        let isTooLarge = KafkaError.concernsSize(code)
        let why = isTooLarge ? "; it is larger than a topic allows" : ""
        return DeadLetter.Reason(
            class: isTooLarge ? .tooLarge : .permanent, code: "refused_by_broker",
            message: "the broker does not take what became of this event\(why) (\(code))",
            stage: Rejection.Stage.map.rawValue)
    }
}

extension Rejection.Class {
    var deadLetter: DeadLetterClass {
        switch self {
        case .malformed: .malformed
        case .noType: .noType
        case .tooLarge: .tooLarge
        case .template: .template
        }
    }
}
