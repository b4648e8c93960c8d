internal import Notifications
internal import Templates

/// One route, compiled: which events it wants and what becomes of them. A class, so that handing it around on the hot
/// path counts one reference and not one for each member.
final class Route: Sendable {
    let name: String
    let events: [EventName]
    let pattern: Pattern?
    let entries: [Entry]

    init(name: String, events: [EventName], pattern: Pattern?, entries: [Entry]) {
        self.name = name
        self.events = events
        self.pattern = pattern
        self.entries = entries
    }
}

/// The types of events a route wants: one, or all that begin alike.
enum EventName: Sendable, Equatable {
    case exact(String)
    /// `order.*` as `order.`; empty for `*`.
    case prefix(String)

    /// As the table writes it.
    var text: String {
        switch self {
        case .exact(let name): name
        case .prefix(let prefix): "\(prefix)*"
        }
    }

    func matches(_ type: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .exact(let name): type.elementsEqual(name.utf8)
        case .prefix(let prefix): type.starts(with: prefix.utf8)
        }
    }
}

/// Where the language of a user is looked for, in this order. A class, so that entries can see that they share it.
final class LocalePaths: Sendable {
    /// What holds unless a route says otherwise.
    static let standard = LocalePaths(
        ["recipient.locale", "user.locale", "locale", "contact.locale"].compactMap { try? ValuePath($0) })

    let paths: [ValuePath]

    init(_ paths: [ValuePath]) { self.paths = paths }
}

/// One notification of a route, with everything written out that does not depend on the event. A class for the same
/// reason as ``Route``.
final class Entry: Sendable {
    let channel: ChannelName
    /// The route's name, and the entry's behind a slash where it has one: part of the notification's id.
    let routeName: [UInt8]
    let recipients: RecipientRule
    /// nil for a webhook.
    let templates: LocalizedTemplates?
    let localePaths: LocalePaths
    /// Counted from the event's time.
    let expiresIn: Duration?
    let metadata: [Metadatum]
    /// `,"route":"…"` and, where there is one, `,"template":"…"`.
    let routeJSON: [UInt8]
    /// `,"priority":"…"`
    let priorityJSON: [UInt8]

    init(
        channel: ChannelName, routeName: [UInt8], recipients: RecipientRule, templates: LocalizedTemplates?,
        defaults: EntryDefaults, routeJSON: [UInt8], priorityJSON: [UInt8]
    ) {
        self.channel = channel
        self.routeName = routeName
        self.recipients = recipients
        self.templates = templates
        localePaths = defaults.localePaths
        expiresIn = defaults.expiresIn
        metadata = defaults.metadata
        self.routeJSON = routeJSON
        self.priorityJSON = priorityJSON
    }

    /// A member of the metadata.
    struct Metadatum: Sendable {
        /// `"name":`
        let keyJSON: [UInt8]
        let value: Value

        enum Value: Sendable {
            case constant(json: [UInt8])
            case path(ValuePath)
        }
    }
}

/// How an entry finds its recipients.
enum RecipientRule: Sendable {
    /// Addresses, phone numbers or names of Slack endpoints: the first path with one counts.
    case paths([RecipientPath])
    /// A named endpoint.
    case endpoint([UInt8])
    /// URLs from the event; the endpoint lends its secrets and limits.
    case urls([RecipientPath], endpoint: [UInt8])

    /// The paths it tries, for people.
    var pathTexts: [String] {
        switch self {
        case .paths(let paths), .urls(let paths, _): paths.map(\.path.text)
        case .endpoint: []
        }
    }
}

/// A path to recipients, and to the name that belongs to an address.
struct RecipientPath: Sendable {
    let path: ValuePath
    /// `user.name` for `user.email`; nil for a path whose last name is not `email`, or that has only one.
    let namePath: ValuePath?

    init(_ path: ValuePath) {
        self.path = path
        let steps = path.text.split(separator: ".")
        let isNamed = steps.count > 1 && steps.last == "email"
        namePath = isNamed ? try? ValuePath((steps.dropLast() + ["name"]).joined(separator: ".")) : nil
    }
}
