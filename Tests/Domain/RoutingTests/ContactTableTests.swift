import JSONBytes
import Routing
import Settings
import TestKit
import Testing

struct ContactTableTests {
    private static func lookup(_ table: ContactTable, _ userID: String) -> String? {
        Array(userID.utf8).withUnsafeBytes { id in
            table.lookup(id).map { String(decoding: $0.json, as: UTF8.self) }
        }
    }

    private static func set(_ table: ContactTable, _ userID: String, _ json: String?) -> Bool {
        Array(userID.utf8).withUnsafeBytes { id in
            guard let json else { return table.set(id, json: nil) }
            return Array(json.utf8).withUnsafeBytes { table.set(id, json: $0) }
        }
    }

    @Test func theSampleFileKnowsTheReadmesUser() throws {
        let table = ContactTable()
        try table.load(file: Repository.path("config/contacts.yaml"), environment: [:])
        let expected =
            #"{"email":"test123@example.com","phone":"+15550100123","name":"Taylor Test","locale":"en","slack":"sales"}"#
        #expect(Self.lookup(table, "test123") == expected)
        #expect(Self.lookup(table, "nobody") == nil)
    }

    @Test func valuesMayReferToVariables() throws {
        let directory = TemporaryDirectory()
        let file = directory.write("contacts.yaml", "contacts: { ops: { email: \"${OPS_MAIL}\" } }")
        let table = ContactTable()
        try table.load(file: file, environment: ["OPS_MAIL": "ops@example.com"])
        #expect(Self.lookup(table, "ops") == #"{"email":"ops@example.com"}"#)
    }

    @Test func theTopicReplacesAndRemoves() {
        let table = ContactTable()
        #expect(Self.set(table, "u", #"{"email":"1"}"#))
        #expect(Self.set(table, "u", #"{"email":"2"}"#))
        #expect(table.count == 1)
        #expect(Self.lookup(table, "u") == #"{"email":"2"}"#)
        for json in ["", "[]", "5", "{", #""x""#] { #expect(!Self.set(table, "u", json)) }
        for field in ContactTable.fields {
            for value in ["123", "true", "[]", #"["a"]"#, "{}"] {
                #expect(!Self.set(table, "u", #"{"\#(field)":\#(value)}"#), "\(field) \(value)")
            }
        }
        #expect(!Self.set(table, "u", #"{"email":"3","email":3}"#))
        #expect(Self.lookup(table, "u") == #"{"email":"2"}"#)
        #expect(Self.set(table, "u", nil) && Self.set(table, "u", nil))
        #expect(Self.lookup(table, "u") == nil)
        #expect(table.count == 0)
        // What says nothing, and what the table does not know, may be anything.
        for json in ["{}", #"{"email":null,"name":"N"}"#, #"{"age":5,"tags":["a"]}"#, #"{"email":3,"email":"3"}"#] {
            #expect(Self.set(table, "u", json) && Self.lookup(table, "u") == json)
        }
    }

    @Test func contactsOfAnySizeAreRead() {
        let table = ContactTable()
        for size in [10, 5_000, 20] {
            let json = #"{"name":"\#(String(repeating: "x", count: size))"}"#
            #expect(Self.set(table, "u\(size)", json))
            #expect(Self.lookup(table, "u\(size)") == json)
        }
    }

    @Test func namesEveryFaultOfTheFile() {
        let directory = TemporaryDirectory()
        let file = directory.write(
            "contacts.yaml",
            """
            contacts:
              a: { emial: x, phone: [1] }
              b: 5
            """)
        let table = ContactTable()
        let error = #expect(throws: SettingsError.self) { try table.load(file: file, environment: [:]) }
        #expect(
            error?.faults.map { $0.text.replacing(file, with: "f") } == [
                "f:2: contacts.a.phone: must be a single value",
                "f:2: contacts.a.emial: unknown key (did you mean \"contacts.a.email\"?)",
                "f:3: contacts.b: must be a mapping of keys to values",
            ])
        #expect(table.count == 0)
    }
}
