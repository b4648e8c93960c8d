internal import Events
internal import JSONBytes
internal import Notifications
internal import Time

/// Writes notifications as they go on the wire, straight into the output.
struct Composer: ~Copyable {
    /// More notifications of one event are an accident or an attack: the event is rejected.
    static let maximumNotifications = 1_000
    /// The same for the recipients that they are for, of which many may be doubles.
    static let maximumRecipients = 10_000
    /// The same for the bytes of all notifications.
    static let maximumBytes = 64 << 20

    /// How many notifications and suppressed entries the event has so far.
    private(set) var notifications = 0
    private(set) var suppressed = 0

    /// How many recipients the event has named so far, doubles included.
    private var recipients = 0

    /// What the event's notifications share, in a place of its own where each of them reads it.
    private let current = UnsafeMutablePointer<Composition>.allocate(capacity: 1)
    /// The user's language tag, and the paths that led to it: most entries share theirs.
    private var locale: (paths: LocalePaths, tag: UnsafeRawBufferPointer?)?
    private var ids = NotificationID()
    /// `,"event":{…}` and, where there is one, `,"user_id":"…"`.
    private var eventJSON = ByteBuffer()
    private var recipient = ByteBuffer()
    private var text = ByteBuffer()
    private var content = ContentWriter()

    deinit { current.deallocate() }

    /// Begins the notifications of one event.
    mutating func begin(
        _ event: Event, contact: JSONValue?, _ record: borrowing InputRecord, into output: inout MappedOutput
    ) {
        (notifications, suppressed, recipients) = (0, 0, 0)
        content.begin()
        current.initialize(to: Composition(event, contact: contact, record, into: &output))
        locale = nil
        ids.begin(source: event.source, id: event.id)
        eventJSON.removeAll()
        eventJSON.append(#","event":{"id":"#, string: event.id)
        eventJSON.append(#","type":"#, string: event.type)
        eventJSON.append(#","source":"#, string: event.source)
        eventJSON.append(#","time":"#, string: event.time)
        eventJSON.append("}")
        if let userID = event.userID { eventJSON.append(#","user_id":"#, string: userID) }
    }

    /// Appends the notifications of one entry for the event that was begun, or the status that it has no recipient.
    ///
    /// - Throws: why the whole event is rejected.
    mutating func compose(_ entry: Entry, routeIndex: Int, into output: inout MappedOutput) throws(Rejection) {
        let draft = Draft(
            entry: entry, routeIndex: routeIndex, composition: UnsafePointer(current),
            locale: tag(at: entry.localePaths))
        let found: Int
        switch entry.recipients {
        case .endpoint(let name):
            recipient.removeAll()
            recipient.append(name)
            try notify(name: nil, draft, into: &output)
            found = 1
        case .paths(let paths), .urls(let paths, _):
            found = try notifyAll(paths, draft, into: &output)
        }
        if found == 0 { suppress(draft, into: &output) }
    }

    /// The language tag to which the first of `paths` leads that leads to any.
    private mutating func tag(at paths: LocalePaths) -> UnsafeRawBufferPointer? {
        if let locale, locale.paths === paths { return locale.tag }
        let tag = current.pointee.text(at: paths.paths)
        locale = (paths, tag)
        return tag
    }

    // MARK: - Recipients

    /// Notifies the recipients of the first path that has any, and returns how many they are.
    private mutating func notifyAll(
        _ paths: [RecipientPath], _ draft: Draft, into output: inout MappedOutput
    ) throws(Rejection) -> Int {
        // By their positions, since a path that is taken out of the array counts references.
        for index in paths.indices {
            let found: Int
            switch draft.composition.pointee.value(at: paths[index].path) {
            case .json(let value):
                let name = paths[index].namePath.flatMap { draft.composition.pointee.value(at: $0) }
                found = try notifyAll(value, paths[index].path, name: name, draft, into: &output)
            case .text(let text): found = try notifyOne(text, name: nil, draft, into: &output)
            case nil: found = 0
            }
            if found > 0 { return found }
        }
        guard case .paths = draft.entry.recipients else { return 0 }
        for path in paths {
            guard let value = draft.composition.pointee.contactValue(at: path.path) else { continue }
            let name = draft.composition.pointee.contact?.member("name").map(Composition.Found.json)
            let found = try notifyAll(value, path.path, name: name, draft, into: &output)
            if found > 0 { return found }
        }
        return 0
    }

    /// Notifies the recipient that `value` is, or all of an array.
    private mutating func notifyAll(
        _ value: JSONValue, _ path: ValuePath, name: Composition.Found?, _ draft: Draft, into output: inout MappedOutput
    ) throws(Rejection) -> Int {
        switch value.kind {
        case .string:
            return try notifyOne(value, name: name, draft, into: &output)
        case .array:
            var found = 0
            var fault: Rejection?
            var position = 0
            value.forEachElement { element in
                defer { position += 1 }
                guard fault == nil, !element.isNull else { return }
                do throws(Rejection) {
                    guard element.kind == .string else { throw Self.wrongType(element, "\(path.text).\(position)") }
                    found += try notifyOne(element, name: nil, draft, into: &output)
                } catch {
                    fault = error
                }
            }
            if let fault { throw fault }
            return found
        default: throw Self.wrongType(value, path.text)
        }
    }

    private static func wrongType(_ value: JSONValue, _ path: String) -> Rejection {
        Rejection(
            .malformed, code: "wrong_type", message: "the recipient \(path) is \(value.kind.words), not a string",
            stage: .map)
    }

    private mutating func notifyOne(
        _ value: JSONValue, name: Composition.Found?, _ draft: Draft, into output: inout MappedOutput
    ) throws(Rejection) -> Int {
        guard value.hasEscapes else {
            return try notifyOne(value.raw, name: name, draft, into: &output)
        }
        text.removeAll()
        value.appendText(to: &text)
        return try notifyOne(text.bytes, name: name, draft, into: &output)
    }

    /// Notifies one recipient; 0 where nothing but blanks is left of it.
    private mutating func notifyOne(
        _ text: UnsafeRawBufferPointer, name: Composition.Found?, _ draft: Draft, into output: inout MappedOutput
    ) throws(Rejection) -> Int {
        recipient.removeAll()
        RecipientText.appendNormalized(text, of: draft.entry.channel, to: &recipient)
        guard !recipient.isEmpty else { return 0 }
        try notify(name: name, draft, into: &output)
        return 1
    }

    // MARK: - Notifications

    /// Appends the notification to ``recipient``.
    private mutating func notify(
        name: Composition.Found?, _ draft: Draft, into output: inout MappedOutput
    ) throws(Rejection) {
        recipients += 1
        try Self.checkLimit(recipients, Self.maximumRecipients, "recipients")
        let recipient = recipient.bytes
        let start = output.bytes.count
        var key = draft.composition.pointee.key ?? start..<start
        if draft.composition.pointee.key == nil {
            output.bytes.append(recipient)
            key = start..<output.bytes.count
        }
        let valueStart = output.bytes.count
        output.bytes.append(#"{"id":""#)
        let id = output.bytes.count..<output.bytes.count + NotificationID.length
        ids.append(
            route: draft.entry.routeName, channel: draft.entry.channel.word, recipient: recipient, to: &output.bytes)
        guard !Self.isDouble(id, output, since: current.pointee.firstRecord) else {
            output.bytes.truncate(to: start)
            return
        }
        output.bytes.append(#"","channel":""#)
        output.bytes.append(draft.entry.channel.word)
        output.bytes.append("\"")
        output.bytes.append(eventJSON.bytes)
        ContentWriter.writeRecipient(recipient, name: name, draft, into: &output.bytes)
        try content.write(draft, into: &output.bytes)
        Self.writeRest(draft, into: &output.bytes)
        output.records.append(
            MappedRecord(
                kind: .notification(draft.entry.channel), key: key, value: valueStart..<output.bytes.count, id: id,
                routeIndex: draft.routeIndex))
        notifications += 1
        try Self.checkLimit(notifications, Self.maximumNotifications, "notifications")
        try Self.checkSize(output.bytes.count - current.pointee.firstByte)
    }

    /// The same route, channel and recipient came before in this event.
    private static func isDouble(
        _ id: Range<Int>, _ output: borrowing MappedOutput, since firstRecord: Int
    ) -> Bool {
        for index in firstRecord..<output.records.count {
            let other = output.records[index].id
            if !other.isEmpty, output.bytes[other].hasSameBytes(as: output.bytes[id]) { return true }
        }
        return false
    }

    private static func checkLimit(_ count: Int, _ maximum: Int, _ things: StaticString) throws(Rejection) {
        guard count > maximum else { return }
        throw Rejection(
            .malformed, code: "too_many_\(things)", message: "the event makes more than \(maximum) \(things)",
            stage: .map)
    }

    private static func checkSize(_ bytes: Int) throws(Rejection) {
        if bytes > maximumBytes {
            throw Rejection(
                .tooLarge, code: "too_large",
                message: "the event's notifications have more than \(maximumBytes) bytes", stage: .map)
        }
    }

    /// Everything behind the content.
    private static func writeRest(_ draft: Draft, into bytes: inout ByteBuffer) {
        bytes.append(draft.entry.routeJSON)
        if let locale = draft.locale { bytes.append(#","locale":"#, string: locale) }
        bytes.append(draft.entry.priorityJSON)
        if let expiresIn = draft.entry.expiresIn {
            bytes.append(#","expires_at":""#)
            let time = draft.event.timestamp.adding(expiresIn)
            bytes.append(count: UnixTime.rfc3339Length) { time.writeRFC3339(to: $0) }
            bytes.append("\"")
        }
        ContentWriter.writeMetadata(draft, into: &bytes)
        bytes.append("}")
    }

    // MARK: - Statuses

    private mutating func suppress(_ draft: Draft, into output: inout MappedOutput) {
        suppressed += 1
        let text = { (bytes: UnsafeRawBufferPointer) in String(decoding: bytes, as: UTF8.self) }
        let route = String(decoding: draft.entry.routeName, as: UTF8.self)
        let paths = draft.entry.recipients.pathTexts.joined(separator: ", ")
        let status = StatusRecord(
            id: nil, channel: draft.entry.channel, status: .suppressed, attempt: 0,
            at: UnixTime(milliseconds: draft.composition.pointee.recordTimestamp), isFinal: true,
            eventID: text(draft.event.id), userID: draft.event.userID.map(text), class: "no_recipient",
            code: "no_recipient", message: "route \(route) found no recipient at \(paths)")
        let start = output.bytes.count
        output.bytes.append(draft.event.id)
        let valueStart = output.bytes.count
        status.write(to: &output.bytes)
        output.records.append(
            MappedRecord(
                kind: .status(draft.entry.channel), key: start..<valueStart, value: valueStart..<output.bytes.count,
                id: start..<start, routeIndex: draft.routeIndex))
    }
}
