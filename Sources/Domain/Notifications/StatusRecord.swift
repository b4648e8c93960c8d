package import JSONBytes
package import Time

/// What `notifications.status` says about one attempt that ended.
package struct StatusRecord: Sendable, Equatable {
    package enum Status: String, CaseIterable, Sendable {
        /// Handed over to a relay or provider.
        case sent
        /// Accepted by the destination itself.
        case delivered
        case retrying, failed, suppressed, expired, ambiguous
    }

    /// The notification's id; absent where the core suppressed an entry before there was a notification.
    package var id: String?
    package var channel: ChannelName
    package var status: Status
    /// Which attempt it was, counted from 1; 0 where nothing was attempted.
    package var attempt: Int
    package var at: UnixTime
    /// Whether no further record follows for this notification.
    package var isFinal: Bool
    package var eventID: String
    package var userID: String?
    /// The endpoint's name, or the provider; never a recipient's address.
    package var destination: String?
    package var `class`: String?
    package var code: String?
    package var message: String?
    package var nextAttemptAt: UnixTime?
    package var durationMilliseconds: Int?
    package var detail: StatusDetail

    package init(
        id: String?, channel: ChannelName, status: Status, attempt: Int, at: UnixTime, isFinal: Bool, eventID: String,
        userID: String? = nil, destination: String? = nil, class: String? = nil, code: String? = nil,
        message: String? = nil, nextAttemptAt: UnixTime? = nil, durationMilliseconds: Int? = nil,
        detail: StatusDetail = [:]
    ) {
        self.id = id
        self.channel = channel
        self.status = status
        self.attempt = attempt
        self.at = at
        self.isFinal = isFinal
        self.eventID = eventID
        self.userID = userID
        self.destination = destination
        self.class = `class`
        self.code = code
        self.message = message
        self.nextAttemptAt = nextAttemptAt
        self.durationMilliseconds = durationMilliseconds
        self.detail = detail
    }

    /// The record's key: the notification's id, else the event's.
    package var key: String { id ?? eventID }

    /// Appends the record as JSON; absent fields are left out, `detail` is always there.
    package func write(to output: inout ByteBuffer) {
        // The writer owns what it writes to, and gives it back at the end.
        var writer = JSONWriter(output)
        writer.beginObject()
        Self.write("id", id, to: &writer)
        Self.write("channel", channel.rawValue, to: &writer)
        Self.write("status", status.rawValue, to: &writer)
        Self.write("attempt", attempt, to: &writer)
        Self.write("at", at, to: &writer)
        writer.key("final")
        writer.bool(isFinal)
        Self.write("event_id", eventID, to: &writer)
        Self.write("user_id", userID, to: &writer)
        Self.write("destination", destination, to: &writer)
        Self.write("class", `class`, to: &writer)
        Self.write("code", code, to: &writer)
        Self.write("message", message, to: &writer)
        Self.write("next_attempt_at", nextAttemptAt, to: &writer)
        Self.write("duration_ms", durationMilliseconds, to: &writer)
        writeDetail(to: &writer)
        writer.endObject()
        output = writer.buffer()
    }

    private func writeDetail(to writer: inout JSONWriter) {
        writer.key("detail")
        writer.beginObject()
        for member in detail.members {
            writer.key(member.name)
            switch member.value {
            case .integer(let value): writer.integer(value)
            case .text(let text): writer.string(text)
            }
        }
        writer.endObject()
    }

    private static func write(_ key: StaticString, _ text: String?, to writer: inout JSONWriter) {
        guard let text else { return }
        writer.key(key)
        writer.string(text)
    }

    private static func write(_ key: StaticString, _ number: Int?, to writer: inout JSONWriter) {
        guard let number else { return }
        writer.key(key)
        writer.integer(number)
    }

    private static func write(_ key: StaticString, _ time: UnixTime?, to writer: inout JSONWriter) {
        guard let time else { return }
        writer.key(key)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: UnixTime.rfc3339Length) { text in
            guard let base = text.baseAddress else { return }
            time.writeRFC3339(to: base)
            writer.string(UnsafeRawBufferPointer(text))
        }
    }
}
