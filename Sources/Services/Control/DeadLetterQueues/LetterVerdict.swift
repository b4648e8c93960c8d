internal import DeadLetters

/// Why a letter is not sent back.
enum LeftReason: String, CaseIterable, Sendable {
    /// It has no headers of ours, so that nothing says where it belongs.
    case foreign
    /// It was sent back as often as is allowed.
    case redrivenTooOften = "redriven_too_often"
    /// Only the beginning of its value is left.
    case truncated
    /// Its original topic does not exist.
    case noTopic = "no_topic"
    /// Kafka did not take it.
    case refused
    /// Too far behind an older letter that is still open.
    case outOfReach = "out_of_reach"

    /// The sentence for `count` letters.
    func sentence(_ count: Int, limit: Int) -> String {
        let letters = count == 1 ? "1 record" : "\(count) records"
        switch self {
        case .foreign:
            return "\(letters) left alone: they have none of our headers, so nothing says where they belong"
        case .redrivenTooOften:
            return "\(letters) left alone: redriven \(limit) times already (--max-redrives)"
        case .truncated:
            return "\(letters) left alone: only the beginning of the value is left (x-dlq-truncated)"
        case .noTopic:
            return "\(letters) left alone: the original topic does not exist"
        case .refused:
            return "\(letters) left alone: Kafka did not take them"
        case .outOfReach:
            return """
                \(letters) left alone: more than \(LetterLedger.maximumSpan) offsets behind an older open one; \
                redrive or purge the older ones first
                """
        }
    }
}

/// Decides what a redrive does with a letter. Pure.
struct RedrivePolicy {
    /// A letter that was sent back this often stays.
    var maximumRedrives: Int
    /// The topics that exist.
    var topics: Set<String>
    /// The queue itself: nothing is sent from it to itself.
    var queue: String

    enum Verdict: Equatable {
        case send(to: String)
        case leave(LeftReason)
    }

    func verdict(_ letter: ReceivedLetter) -> Verdict {
        guard let origin = letter.origin else { return .leave(.foreign) }
        guard letter.truncatedFrom == nil else { return .leave(.truncated) }
        guard letter.redrives < maximumRedrives else { return .leave(.redrivenTooOften) }
        guard origin.topic != queue, topics.contains(origin.topic) else { return .leave(.noTopic) }
        return .send(to: origin.topic)
    }
}
