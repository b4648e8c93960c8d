internal import Kafka
internal import Notifications

extension Outbox.Letter {
    /// How much of itself a letter still has.
    enum Form {
        case whole
        /// The start of the value.
        case cut
        /// That, the start of the key, and none but our own headers: small whatever came in.
        case bare
    }

    /// What is kept of a value, and in the last form of a key.
    static let keptValueBytes = 64 << 10
    static let keptKeyBytes = 1 << 10

    /// The next form, after the broker has called this one too large; `nil` when there is none.
    var smaller: Outbox.Letter? {
        var next = self
        switch form {
        case .whole where value.map { $0.count > Self.keptValueBytes } ?? false:
            next.form = .cut
            next.headers.set(WireHeader.truncated.text, String(value?.count ?? 0))
            next.value = value.map { Array($0.prefix(Self.keptValueBytes)) }
        case .whole, .cut:
            next.form = .bare
            next.headers = ForwardHeaders.own(of: headers)
            next.key = key.map { Array($0.prefix(Self.keptKeyBytes)) }
        case .bare: return nil
        }
        return next
    }
}
