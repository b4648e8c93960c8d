import Events
import Routing
import Settings
import TestKit
import Testing

struct PatternTests {
    static func compile(_ yaml: String) throws(SettingsError) -> Pattern {
        try Pattern.compile(try YAMLNode.parse(yaml, file: "routing.yaml"), key: "when", file: "routing.yaml")
    }

    static func matches(_ pattern: Pattern, _ json: String) throws(Rejection) -> Bool {
        let reader = EventReader()
        var matcher = PatternMatcher()
        let fixture = RecordFixture(json: json, headers: [("ce_type", "order.created"), ("ce_source", "/shop")])
        return try fixture.withRecord { (record) throws(Rejection) in
            let event = try reader.read(record)
            defer { withExtendedLifetime(reader) {} }
            return try matcher.matches(pattern, event)
        }
    }

    struct Row: Sendable {
        let pattern: String
        var yes: [String] = []
        var no: [String] = []
    }

    static let rows: [Row] = [
        Row(
            pattern: "a: [x, 1, true, null, '2']", yes: ["\"x\"", "1", "1.0", "true", "null", "\"2\"", "[5,\"x\"]"],
            no: ["\"X\"", "2", "false", "\"true\"", "{}", "[]", "{\"x\":1}"]),
        Row(
            pattern: "a: [{numeric: ['>', 0]}]", yes: ["1", "1e-3"],
            no: ["0", "1e-9223372036854775808", "1e9223372036854775807", "1e99999999999999999999"]),
        Row(pattern: "a: [{prefix: ab}]", yes: ["\"ab\"", "\"\\u0061bc\""], no: ["\"a\"", "\"Ab\"", "1"]),
        Row(pattern: "a: [{prefix: {equals-ignore-case: éB}}]", yes: ["\"Ébc\"", "\"éB\""], no: ["\"é\"", "\"eb\""]),
        Row(pattern: "a: [{suffix: {equals-ignore-case: éB}}]", yes: ["\"xÉb\""], no: ["\"b\"", "\"éBx\""]),
        Row(pattern: "a: [{suffix: .png}]", yes: ["\"x.png\"", "\".png\""], no: ["\"png\"", "\"x.PNG\""]),
        Row(pattern: "a: [{equals-ignore-case: Straße}]", yes: ["\"STRASSE\"", "\"straße\""], no: ["\"strasse!\""]),
        Row(
            pattern: "a: [{wildcard: 'a*b\\*c*'}]", yes: ["\"ab*c\"", "\"axxb*cyy\""],
            no: ["\"abc\"", "\"xab*c\"", "\"ab\""]),
        Row(pattern: "a: [{wildcard: 'ab*ba'}]", yes: ["\"abba\""], no: ["\"aba\""]),
        Row(
            pattern: "a: [{anything-but: [x, y]}]", yes: ["\"z\"", "1", "null", "[\"x\",\"z\"]"], no: ["\"x\"", "{}"]),
        Row(pattern: "a: [{anything-but: 5}]", yes: ["4", "\"5\""], no: ["5", "5.0"]),
        Row(pattern: "a: [{anything-but: {prefix: [x, y]}}]", yes: ["\"z\"", "3"], no: ["\"xa\"", "\"y\""]),
        Row(pattern: "a: [{anything-but: {wildcard: '*x*'}}]", yes: ["\"z\""], no: ["\"axa\""]),
        Row(pattern: "a: [{anything-but: {equals-ignore-case: [Foo]}}]", yes: ["\"z\""], no: ["\"FOO\""]),
        Row(pattern: "a: [{anything-but: {suffix: x}}]", yes: ["\"z\""], no: ["\"zx\""]),
        Row(
            pattern: "a: [{numeric: ['>', 0, '<=', 5]}]", yes: ["1e-9", "5", "5.0"],
            no: ["0", "-0", "5.1", "\"3\"", "9007199254740993"]),
        Row(pattern: "a: [{numeric: ['=', 300]}]", yes: ["3e2", "300.00"], no: ["301"]),
        Row(pattern: "a: [{numeric: ['<', 0]}, {numeric: ['>=', 10]}]", yes: ["-1", "10"], no: ["5"]),
        Row(pattern: "a: [{exists: true}]", yes: ["0", "null", "[1]"], no: ["{}", "[]", "{\"b\":1}"]),
        Row(pattern: "a: [{exists: false}]", yes: ["{}", "{\"b\":1}", "[]"], no: ["null"]),
        Row(pattern: "a: {b: [{exists: false}, 1]}", yes: ["{}", "{\"b\":1}"], no: ["{\"b\":2}"]),
        Row(pattern: "a: [{cidr: 10.0.0.0/8}]", yes: ["\"10.255.0.1\""], no: ["\"11.0.0.1\"", "\"10.0.0\""]),
        Row(pattern: "a: [{cidr: '2001:db8::/33'}]", yes: ["\"2001:db8:7fff::\""], no: ["\"2001:db8:8000::\""]),
        Row(pattern: "a: ['::1']", yes: ["\"0:0:0:0:0:0:0:1\""], no: ["\"::2\""]),
        Row(pattern: "$or: [{a: [1]}, {a: {b: [2]}}]", yes: ["1", "{\"b\":2}"], no: ["2", "{\"b\":1}"]),
        // Fields of one array must match in one element; in different arrays they need not.
        Row(
            pattern: "a: {b: [1], c: [2]}", yes: ["[{\"b\":1,\"c\":2}]", "[{\"b\":1},{\"b\":1,\"c\":2}]"],
            no: ["[{\"b\":1,\"c\":3},{\"b\":2,\"c\":2}]"]),
        Row(
            pattern: "a: {b: {x: [1]}, c: {x: [2]}}", yes: ["{\"b\":[{\"x\":0},{\"x\":1}],\"c\":[{\"x\":2}]}"],
            no: ["{\"b\":[{\"x\":1}],\"c\":[{\"x\":1}]}"]),
        Row(
            pattern: "a: {b: [1], c: [{exists: false}]}", yes: ["[{\"b\":1},{\"c\":1}]"], no: ["[{\"b\":1,\"c\":1}]"]),
        Row(pattern: "event: {source: [{prefix: /}], type: [order.created]}", yes: ["1"]),
        Row(pattern: "event: {subject: [{exists: true}]}", no: ["1"]),
    ]

    @Test func decidesAsEventBridge() throws {
        for row in Self.rows {
            let pattern = try Self.compile(row.pattern)
            for (values, expected) in [(row.yes, true), (row.no, false)] {
                for value in values {
                    let decision = try Self.matches(pattern, #"{"a":\#(value)}"#)
                    #expect(decision == expected, "\(row.pattern) on \(value)")
                }
            }
        }
    }

    /// A member whose name holds dots is the field that the names one inside of the other are, too.
    @Test func readsNamesWithDotsAsEventBridge() throws {
        for (pattern, json, expected) in [
            ("a.b: [z]", #"{"a.b":"z"}"#, true), ("a: {b: [z]}", #"{"a.b":"z"}"#, true),
            ("a.b: [z]", #"{"a":{"b":"z"}}"#, true), ("a.b: [{exists: false}]", #"{"a.b":1}"#, false),
            ("a.b: [{exists: false}]", #"{"a.c":1,"a":{"c":1}}"#, true),
            ("a.b: [x]", #"{"a.b":"y","a":{"b":"x"}}"#, true), ("a.b: [y]", #"{"a.b":"y","a":{"b":"x"}}"#, true),
            ("a: {b.c: [z]}", #"{"a.b":[{"c":"z"}]}"#, true), ("a.b.c: [z]", #"{"a":{"b.c":"z"}}"#, true),
            ("a.b.c: [z]", #"{"a.b.c":"z"}"#, true), ("a.b.c: [z]", #"{"a.bxc":"z","axb.c":"z"}"#, false),
            ("a: {b.c: [z], b.d: [y]}", #"{"a.b":[{"c":"z","d":"y"}]}"#, true),
            ("a: {b.c: [z], b.d: [y]}", #"{"a.b":[{"c":"z"},{"d":"y"}]}"#, false),
            ("a..b: [z]", #"{"a.":{"b":"z"}}"#, true), ("a..b: [z]", #"{"a":{"":{"b":"z"}}}"#, true),
        ] {
            #expect(try Self.matches(try Self.compile(pattern), json) == expected, "\(pattern) on \(json)")
        }
    }

    @Test func independentArraysCostTheirSum() throws {
        let pattern = try Self.compile("{a: {x: [1]}, b: {y: [{anything-but: [2]}]}, c: {z: [9]}, d: {a: [1], b: [2]}}")
        let many = { (element: String) in
            "[" + Array(repeating: element, count: 20_000).joined(separator: ",") + "]"
        }
        let json =
            #"{"a":\#(many(#"{"x":1}"#)),"b":\#(many(#"{"y":1}"#)),"c":\#(many(#"{"z":8}"#)),"d":\#(many(#"{"a":1}"#))}"#
        #expect(try !Self.matches(pattern, json))
        #expect(try !Self.matches(try Self.compile("d: {a: [1], b: [2]}"), json))
        // Each of them with several fields, which limit one another only.
        let (a, b, c) = (many(#"{"p":1,"q":1}"#), many(#"{"r":1,"s":2}"#), many(#"{"t":1,"u":2}"#))
        let pairs = #"{"a":\#(a),"b":\#(b),"c":\#(c)}"#
        #expect(try !Self.matches(try Self.compile("{a: {p: [1], q: [1]}, b: {r: [1], s: [1]}}"), pairs))
        #expect(
            try !Self.matches(
                try Self.compile("{a: {p: [1], q: [1]}, b: {r: [1], s: [2]}, c: {t: [1], u: [1]}}"), pairs))
        #expect(
            try Self.matches(
                try Self.compile("{a: {p: [1], q: [1]}, b: {r: [1], s: [2]}, c: {t: [1], u: [2]}}"), pairs))
    }

    /// Many fields that are each looked for in very many members: such an event is set aside.
    @Test func boundsTheWorkOfHostileEvents() throws {
        let fields = (0..<300).map { "x\($0): [{exists: false}]" }.joined(separator: ", ")
        let members = (0..<80_000).map { #""m\#($0)":1"# }.joined(separator: ",")
        let rejection = #expect(throws: Rejection.self) {
            try Self.matches(try Self.compile("{\(fields)}"), "{\(members)}")
        }
        #expect(rejection?.class == .malformed && rejection?.code == "too_many_values" && rejection?.stage == .map)
    }

    @Test func nestingIsBounded() throws {
        let nested = String(repeating: "[", count: 126) + "1" + String(repeating: "]", count: 126)
        let json = #"{"a":\#(nested),"b":\#(nested),"c":\#(nested)}"#
        #expect(try Self.matches(try Self.compile("{a: [1], b: [1]}"), json))
        #expect(try !Self.matches(try Self.compile("{a: [1], b: [1], c: [1]}"), json))
    }

    static let faults: [(String, String)] = [
        ("{}", "routing.yaml:1: when: must be a mapping of fields to lists of conditions, and not empty"),
        (
            "a: 5",
            "routing.yaml:1: when.a: must be a list of values and conditions, and not empty; write [value] for one"
        ),
        ("a: [{prefx: x}]", "routing.yaml:1: when.a[0].prefx: unknown operator (did you mean \"prefix\"?)"),
        ("a: [{prefix: 5}]", "routing.yaml:1: when.a[0].prefix: must be a text"),
        ("a: [[1]]", "routing.yaml:1: when.a[0]: must be a value or a condition, not a list"),
        ("a: [{prefix: x, suffix: y}]", "routing.yaml:1: when.a[0]: must have exactly one operator"),
        ("a: [{exists: 'true'}]", "routing.yaml:1: when.a[0].exists: must be true or false"),
        (
            "a: [{numeric: ['>']}]",
            "routing.yaml:1: when.a[0].numeric: must be like [\">\", 0] or [\">\", 0, \"<=\", 5]"
        ),
        (
            "a: [{numeric: ['>', x]}]",
            "routing.yaml:1: when.a[0].numeric: must have a number behind each operator"
        ),
        (
            "a: [{numeric: ['>', 5, '<', 5]}]",
            "routing.yaml:1: when.a[0].numeric: must have a lower bound that is less than the upper one"
        ),
        (
            "a: [{numeric: ['<', 5, '>', 1]}]",
            "routing.yaml:1: when.a[0].numeric: must have one of = > >= < <= before a number, and in a range > or >= "
                + "first and < or <= second"
        ),
        (
            "a: [{numeric: ['=', 9007199254740993]}]",
            "routing.yaml:1: when.a[0].numeric: 9007199254740993 has more digits than can be compared"
        ),
        (
            "a: [{anything-but: [x, 1]}]",
            "routing.yaml:1: when.a[0].anything-but: must be texts only or numbers only, and at least one"
        ),
        ("a: [{anything-but: [true]}]", "routing.yaml:1: when.a[0].anything-but: must be texts or numbers"),
        ("a: [{anything-but: {prefix: ''}}]", "routing.yaml:1: when.a[0].anything-but.prefix: must not be empty"),
        (
            "a: [{anything-but: {sufix: x}}]",
            "routing.yaml:1: when.a[0].anything-but: must be values, or one of prefix, suffix, wildcard, "
                + "equals-ignore-case (did you mean \"suffix\"?)"
        ),
        ("a: [{wildcard: 'a**b'}]", "routing.yaml:1: when.a[0].wildcard: must not have two stars side by side"),
        (
            "a: [{wildcard: 'a\\b'}]",
            "routing.yaml:1: when.a[0].wildcard: a backslash must stand before a star or a backslash"
        ),
        (
            "a: [{cidr: 10.0.0.0/33}]",
            "routing.yaml:1: when.a[0].cidr: must be a network such as 10.0.0.0/8 or 2001:db8::/32"
        ),
        ("$or: [{a: [1]}]", "routing.yaml:1: when.$or: must be a list of at least two patterns"),
        (
            "$or: [{a: [1]}, {prefix: [1]}]",
            "routing.yaml:1: when.$or[1].prefix: is the name of an operator, and inside of $or no field can have it"
        ),
        ("{a: {b: [1]}, a.b: [2]}", "routing.yaml:1: when.a.b: is asked for twice"),
        (
            "a: [{prefix: 5}]\nb:\n  c: [{nope: 1}]",
            "routing.yaml:1: when.a[0].prefix: must be a text\nrouting.yaml:3: when.b.c[0].nope: unknown operator"
        ),
    ]

    @Test func namesEveryFault() {
        for (yaml, expected) in Self.faults {
            let error = #expect(throws: SettingsError.self, "\(yaml)") { try Self.compile(yaml) }
            #expect(error?.faults.map(\.text).joined(separator: "\n") == expected)
        }
    }
}
