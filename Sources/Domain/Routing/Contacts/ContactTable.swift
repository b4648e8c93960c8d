package import JSONBytes
package import Settings

/// What is known of users: by user id a JSON object with `email`, `phone`, `name`, `locale` and `slack` (the name of
/// an endpoint), each of them optional.
///
/// Filled from a file and, after it, from a compacted topic. Not thread-safe: one owner at a time.
package final class ContactTable {
    /// The members of a contact.
    package static let fields = ["email", "phone", "name", "locale", "slack"]
    private static let fieldNames = fields.map { Array($0.utf8) }

    // Unchecked: a look-up ends before anything else can begin.
    @exclusivity(unchecked) private var contacts = ByteTable<[UInt8]>()
    private let document = JSONDocument()
    /// The contact that was looked up last.
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 1)

    package init() {}

    deinit {
        buffer.deallocate()
    }

    package var count: Int { contacts.count }

    /// The contact of a user; valid until the next call of any method.
    package func lookup(_ userID: UnsafeRawBufferPointer) -> JSONValue? {
        guard contacts.count > 0, let json = contacts.value(for: userID) else { return nil }
        if json.count > buffer.count {
            buffer.deallocate()
            buffer = .allocate(byteCount: json.count * 2, alignment: 1)
        }
        buffer.copyBytes(from: json)
        return try? document.parse(UnsafeRawBufferPointer(rebasing: buffer[..<json.count]))
    }

    /// Takes a contact over; nil, a tombstone, removes it.
    ///
    /// - Returns: false where `json` is not a JSON object, or one of ``fields`` is neither text nor null in it: then the
    ///   table stays as it was. Such a contact would reject every event of its user.
    @discardableResult
    package func set(_ userID: UnsafeRawBufferPointer, json: UnsafeRawBufferPointer?) -> Bool {
        guard let json else {
            contacts.set(nil, for: userID)
            return true
        }
        guard let contact = try? document.parse(json), contact.kind == .object, Self.hasOnlyTexts(contact) else {
            return false
        }
        contacts.set(Array(json), for: userID)
        return true
    }

    private static func hasOnlyTexts(_ contact: JSONValue) -> Bool {
        fieldNames.allSatisfy { name in
            guard let value = name.withUnsafeBytes({ contact.member($0) }) else { return true }
            return value.kind == .string || value.isNull
        }
    }

    /// Takes over the contacts of a YAML file: `contacts:` with a mapping for each user id.
    ///
    /// - Parameter environment: what `${NAME}` in a value refers to.
    /// - Throws: every fault of the file; nothing is taken over then.
    package func load(file: String, environment: [String: String]) throws(SettingsError) {
        let reader = SettingsReader(file: file, environment: environment)
        var loaded: [(userID: [UInt8], json: [UInt8])] = []
        for (userID, section) in reader.sections(in: "contacts") {
            var writer = JSONWriter()
            writer.beginObject()
            for field in Self.fields {
                guard let value = section.optionalString(field) else { continue }
                writer.key(field)
                writer.string(value)
            }
            writer.endObject()
            loaded.append((Array(userID.utf8), writer.finish()))
        }
        try reader.finish()
        for contact in loaded {
            contact.userID.withUnsafeBytes { contacts.set(contact.json, for: $0) }
        }
    }
}
