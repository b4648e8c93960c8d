package import Kafka
package import Notifications

/// The record that takes what cannot be processed to a dead letter topic: its bytes, its key and its headers as they
/// came, with the reason beside them. Not for the hot path.
package struct DeadLetter: Sendable {
    /// How much of the record is kept: less with every refusal of the topic.
    package enum Form: Sendable, CaseIterable {
        case whole
        /// The first bytes of the value.
        case truncated
        /// Of the key, too, and none of the headers that came with the record: small whatever came in.
        case bare
    }

    /// Why a record is a dead letter.
    package struct Reason: Sendable, Equatable {
        package var `class`: DeadLetterClass
        /// A stable word.
        package var code: String
        /// One sentence, without content of the record.
        package var message: String
        /// The step that gave up, such as `read` or `deliver`.
        package var stage: String

        package init(class: DeadLetterClass, code: String, message: String, stage: String) {
            self.class = `class`
            self.code = code
            self.message = message
            self.stage = stage
        }
    }

    /// What is kept of a value that is too large even for the dead letter topic.
    package static let keptValueBytes = 64 << 10
    /// What the last form keeps of a key.
    package static let keptKeyBytes = 1 << 10

    package private(set) var key: [UInt8]?
    package private(set) var value: [UInt8]?
    package private(set) var headers: RecordHeaders
    package private(set) var form = Form.whole

    /// The whole record.
    ///
    /// - Parameters:
    ///   - origin: where the record stood in the main topic.
    ///   - attempts: how often it was tried.
    package init(of record: OwnedRecord, from origin: RecordOrigin, because reason: Reason, attempts: Int) {
        key = record.key
        value = record.value
        headers = DeadLetterHeaders.make(record, origin, reason, attempts: attempts)
    }

    /// The letter with no more of the record than the form has; never more than now.
    package func shrunk(to form: Form) -> DeadLetter {
        var letter = self
        letter.form = form
        let size = value?.count ?? 0
        if form != .whole, size > Self.keptValueBytes {
            letter.value = value.map { Array($0.prefix(Self.keptValueBytes)) }
            letter.headers.set(WireHeader.truncated.text, "\(size)")
        }
        guard form == .bare else { return letter }
        if letter.headers[WireHeader.truncated.text] == nil { letter.headers.set(WireHeader.truncated.text, "\(size)") }
        letter.headers = DeadLetterHeaders.own(among: letter.headers)
        letter.key = key.map { Array($0.prefix(Self.keptKeyBytes)) }
        return letter
    }

    /// The next form that leaves something out, after the topic has refused this one; nil when there is none.
    package var smaller: DeadLetter? {
        switch form {
        case .whole where value?.count ?? 0 > Self.keptValueBytes: shrunk(to: .truncated)
        case .whole, .truncated: shrunk(to: .bare)
        case .bare: nil
        }
    }
}
