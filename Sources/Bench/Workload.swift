import Routing

/// The events that every benchmark uses: about 300 bytes, as a shop sends them.
enum Workload {
    /// The types of the default routes, and one that no route wants.
    static let types = [
        "order.created", "order.cancelled", "payment.success", "payment.failed", "user.registered", unwanted,
    ]
    static let unwanted = "nobody.wants.this"

    static let user = "test123"
    static let contact = #"{"email":"test123@example.com","phone":"+15550100123","name":"Taylor"}"#

    static func event(_ type: String) -> [UInt8] {
        Array(
            #"""
            {"event_type":"\#(type)","event_id":"e-000001","user_id":"\#(user)","order_id":"ORD001","amount":99.99,\#
            "currency":"EUR","items":[{"sku":"A-1","name":"Pen","quantity":2,"price":1.5},{"sku":"B-7","name":\#
            "Book","quantity":1,"price":25.0}],"timestamp":"2026-11-21T01:00:00Z","note":"about 300 bytes"}
            """#.utf8)
    }

    /// A mapper with the routes and templates of `directory` and the one contact.
    static func mapper(_ directory: String) throws -> Mapper {
        let table = try RoutingTable.load(
            file: "\(directory)/routing.yaml", templatesDirectory: "\(directory)/templates", endpoints: nil,
            environment: [:])
        let contacts = ContactTable()
        let (user, contact) = (Array(user.utf8), Array(contact.utf8))
        user.withUnsafeBytes { user in contact.withUnsafeBytes { _ = contacts.set(user, json: $0) } }
        return Mapper(table: table, contacts: contacts)
    }
}
