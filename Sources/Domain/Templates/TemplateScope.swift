package import JSONBytes

/// What a template can see of one event.
///
/// `event.…` names always mean the attributes, `contact` and `contact.…` always the contact, and every other name is
/// looked up in the data with Mustache's context stack. All of it is borrowed: the scope is valid as long as the
/// documents and buffers it was made of.
package struct TemplateScope: ~Copyable {
    /// The event's data, the bottom of the context stack.
    package var data: JSONValue
    /// What the contact table knows of the event's user; nil where it knows nothing.
    package var contact: JSONValue?
    package var attributes: EventAttributes

    package init(data: JSONValue, contact: JSONValue? = nil, attributes: EventAttributes) {
        self.data = data
        self.contact = contact
        self.attributes = attributes
    }
}

/// The event's own attributes as borrowed UTF-8.
package struct EventAttributes {
    package var id: UnsafeRawBufferPointer
    package var type: UnsafeRawBufferPointer
    package var source: UnsafeRawBufferPointer
    /// RFC 3339.
    package var time: UnsafeRawBufferPointer
    /// nil where the event has none: then `event.subject` is missing.
    package var subject: UnsafeRawBufferPointer?

    package init(
        id: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer, source: UnsafeRawBufferPointer,
        time: UnsafeRawBufferPointer, subject: UnsafeRawBufferPointer? = nil
    ) {
        self.id = id
        self.type = type
        self.source = source
        self.time = time
        self.subject = subject
    }

    /// The names that may follow `event.` in a template.
    enum Name: String, CaseIterable, Sendable {
        case id, type, source, time, subject
    }

    func value(of name: Name) -> UnsafeRawBufferPointer? {
        switch name {
        case .id: id
        case .type: type
        case .source: source
        case .time: time
        case .subject: subject
        }
    }
}
