import JSONBytes
import Routing
import TestKit
import Testing

/// The published schemas name what the mapper writes. (The end-to-end tests validate real records against them.)
struct SchemaTests {
    private static func document(_ bytes: [UInt8]) throws -> JSONDocument {
        try bytes.withUnsafeBytes { try JSONDocument(copying: $0) }
    }

    private static func names(_ value: JSONValue?) -> Set<String> {
        var names: Set<String> = []
        value?.forEachMember { key, _ in names.insert(key.string) }
        value?.forEachElement { names.insert($0.string) }
        return names
    }

    /// Compares an object's members with what `schema` requires and allows.
    private static func check(_ value: JSONValue?, _ schema: JSONValue?, _ what: String) {
        let (found, allowed) = (names(value), names(schema?.member("properties")))
        let required = names(schema?.member("required"))
        #expect(!allowed.isEmpty && found.isSubset(of: allowed), "\(what)")
        #expect(required.isSubset(of: found), "\(what)")
        #expect(schema?.member("additionalProperties")?.bool == false, "\(what)")
    }

    @Test func schemasNameWhatIsWritten() throws {
        let mapper = try MapperFixture()
        let notification = try Self.document(Repository.bytes("docs/schemas/notification.schema.json"))
        let status = try Self.document(Repository.bytes("docs/schemas/status.schema.json"))
        let definitions = notification.root?.member("$defs")
        for (type, user) in [("order.created", "test123"), ("payment.failed", "user-2"), ("order.cancelled", "x")] {
            for record in mapper.map(#"{"event_type":"\#(type)","user_id":"\#(user)","amount":1}"#).records {
                let value = try Self.document(Array(record.value.utf8))
                guard case .notification(let channel) = record.kind else {
                    Self.check(value.root, status.root, "status")
                    continue
                }
                Self.check(value.root, notification.root, "notification")
                for part in ["recipient", "content"] {
                    let definition = Array("\(channel)_\(part)".utf8).withUnsafeBytes { definitions?.member($0) }
                    let member = Array(part.utf8).withUnsafeBytes { value.root?.member($0) }
                    Self.check(member, definition, "\(channel) \(part)")
                }
                Self.check(
                    value.root?.member("event"), notification.root?.member("properties")?.member("event"), "event")
            }
        }
    }
}
