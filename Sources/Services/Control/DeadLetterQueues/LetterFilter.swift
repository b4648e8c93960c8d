internal import CommandLineKit
internal import DeadLetters
internal import JSONBytes
internal import Kafka
internal import Notifications
internal import Time

/// Which dead letters a command is about: all conditions that are given must hold.
struct LetterFilter: Sendable {
    var classes: [String] = []
    /// A code, or a part of the message.
    var reasons: [String] = []
    var keys: [String] = []
    /// Ids of notifications or events.
    var ids: [String] = []
    var places: [Place] = []
    /// When it became a dead letter.
    var since: UnixTime?
    var until: UnixTime?

    struct Place: Sendable, Equatable {
        var partition: Int32
        var offset: Int64

        /// Reads `2:17`.
        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let partition = Int32(parts[0]), let offset = Int64(parts[1]), partition >= 0,
                offset >= 0
            else { return nil }
            (self.partition, self.offset) = (partition, offset)
        }
    }

    static let options: [Verb.Option] = [
        .value(
            "--class", "CLASS", choices: DeadLetterClass.allCases.map(\.rawValue), repeats: true,
            "Only this class, such as exhausted; may be repeated, as the next four may."),
        .value("--reason", "TEXT", repeats: true, "Only this code, or a message that contains TEXT."),
        .value("--key", "KEY", repeats: true, "Only this record key (the user, mostly)."),
        .value("--id", "ID", repeats: true, "Only this notification or event."),
        .value("--at", "PARTITION:OFFSET", repeats: true, "Only the record at this place of the queue."),
        .value("--since", "TIME", "Only what came to the queue at TIME or later: RFC 3339, a day, or an age (2h)."),
        .value("--until", "TIME", "Only what came before TIME."),
    ]

    init() {}

    init(_ invocation: Invocation) throws(CommandFault) {
        classes = invocation.all("--class")
        reasons = invocation.all("--reason")
        keys = invocation.all("--key")
        ids = invocation.all("--id")
        for text in invocation.all("--at") {
            guard let place = Place(text) else {
                throw .usage("--at must be PARTITION:OFFSET, such as 2:17, not \"\(text)\"")
            }
            places.append(place)
        }
        since = try invocation.time("--since")
        until = try invocation.time("--until")
    }

    /// Nothing was asked for: every letter matches.
    var isEmpty: Bool {
        classes.isEmpty && reasons.isEmpty && keys.isEmpty && ids.isEmpty && places.isEmpty && since == nil
            && until == nil
    }

    func matches(_ letter: ReceivedLetter) -> Bool {
        let record = letter.record
        let time = UnixTime(milliseconds: record.timestamp)
        if let since, time < since { return false }
        if let until, time >= until { return false }
        if !places.isEmpty,
            !places.contains(where: { $0.partition == record.partition && $0.offset == record.offset })
        {
            return false
        }
        if !classes.isEmpty, !classes.contains(letter.errorClass ?? "") { return false }
        if !reasons.isEmpty, !reasons.contains(where: { isReason($0, of: letter) }) { return false }
        if !keys.isEmpty, !keys.contains(where: { record.key?.elementsEqual($0.utf8) ?? false }) { return false }
        return ids.isEmpty || !Set(ids).isDisjoint(with: LetterID.all(of: record))
    }

    private func isReason(_ text: String, of letter: ReceivedLetter) -> Bool {
        letter.code == text || letter.message?.contains(text) ?? false
    }
}

/// The ids by which a person may know a record.
enum LetterID {
    /// The notification's id and the event's, as far as the record has them.
    static func all(of record: OwnedRecord) -> [String] {
        var found = record.headers.text(WireHeader.id.text).map { [$0] } ?? []
        record.value?.withUnsafeBytes { bytes in
            _ = try? JSONDocument.read(bytes) { root in
                for value in [root.member("id"), root.member("event_id"), root.member("event")?.member("id")] {
                    if let value, value.kind == .string || value.kind == .number { found.append(value.string) }
                }
            }
        }
        return found
    }
}
