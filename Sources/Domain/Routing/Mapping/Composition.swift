internal import Events
internal import JSONBytes
internal import Templates

/// What all notifications of one event share; borrowed from the event and its record. Too large to be copied.
struct Composition: ~Copyable {
    let event: Event
    let contact: JSONValue?
    /// The names in the event's data.
    let names: JSONNames
    let scope: TemplateScope
    /// The Kafka timestamp of the record in milliseconds, never negative.
    let recordTimestamp: Int64
    /// Where the record's key or the user id stands in the output; nil where the recipient is the key.
    let key: Range<Int>?
    /// Where the event's bytes and records begin in the output.
    let firstByte: Int
    let firstRecord: Int

    init(
        _ event: Event, contact: JSONValue?, _ record: borrowing InputRecord, into output: inout MappedOutput
    ) {
        self.event = event
        self.contact = contact
        names = JSONNames(of: event.data)
        scope = TemplateScope(
            data: event.data, contact: contact,
            attributes: EventAttributes(
                id: event.id, type: event.type, source: event.source, time: event.time, subject: event.subject))
        recordTimestamp = max(record.timestamp, 0)
        firstByte = output.bytes.count
        firstRecord = output.records.count
        let recordKey = record.key.flatMap { $0.isEmpty ? nil : $0 }
        if let text = recordKey ?? event.userID {
            output.bytes.append(text)
            key = firstByte..<output.bytes.count
        } else {
            key = nil
        }
    }
}

/// What the notifications of one entry share.
struct Draft {
    let entry: Entry
    /// The position of the entry's route.
    let routeIndex: Int
    let composition: UnsafePointer<Composition>
    /// The language tag of the user, where there is one.
    let locale: UnsafeRawBufferPointer?

    var event: Event { composition.pointee.event }
}

// MARK: - Values by path

extension Composition {
    /// A value that a path leads to.
    enum Found {
        case json(JSONValue)
        case text(UnsafeRawBufferPointer)
    }

    /// nil where there is nothing, or null.
    func value(at path: ValuePath) -> Found? {
        switch path {
        case .data(let path): json(path.value(in: event.data, with: names))
        case .contact(let path): contact.flatMap { json(path.value(in: $0)) }
        case .attribute(let attribute): attribute.value(in: event).map(Found.text)
        }
    }

    /// The first text that `paths` lead to; one written with escapes counts as none, since no language tag needs them.
    func text(at paths: [ValuePath]) -> UnsafeRawBufferPointer? {
        for index in paths.indices {
            switch value(at: paths[index]) {
            case .json(let value) where value.kind == .string && !value.raw.isEmpty && !value.hasEscapes:
                return value.raw
            case .text(let text) where !text.isEmpty: return text
            default: continue
            }
        }
        return nil
    }

    /// What a path of the event finds in the contact instead.
    func contactValue(at path: ValuePath) -> JSONValue? {
        guard let contact, case .data(let path) = path, let value = path.value(in: contact), !value.isNull else {
            return nil
        }
        return value
    }

    private func json(_ value: JSONValue?) -> Found? {
        guard let value, !value.isNull else { return nil }
        return .json(value)
    }
}
