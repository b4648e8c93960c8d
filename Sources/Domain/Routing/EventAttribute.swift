internal import Events

/// An attribute of an event that paths name as `event.<name>`.
enum EventAttribute: String, CaseIterable, Sendable {
    case id, type, source, time, subject

    /// The attribute of a path such as `event.type`; nil for any other path.
    init?(path: String) {
        guard path.hasPrefix("event.") else { return nil }
        self.init(rawValue: String(path.dropFirst(6)))
    }

    /// The attribute's text; nil where the event has no subject.
    func value(in event: Event) -> UnsafeRawBufferPointer? {
        switch self {
        case .id: event.id
        case .type: event.type
        case .source: event.source
        case .time: event.time
        case .subject: event.subject
        }
    }
}
