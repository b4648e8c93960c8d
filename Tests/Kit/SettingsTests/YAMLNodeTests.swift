import Settings
import Testing

@Suite struct YAMLNodeTests {
    @Test func keepsTheLineOfEveryKeyAndValue() throws {
        let node = try YAMLNode.parse("# comment\na: 1\nb:\n  - x\n  - 'true'\nc: |\n  text\n", file: "f")
        let members = try #require(node.members)
        #expect(members.map(\.key) == ["a", "b", "c"])
        #expect(members.map(\.keyLine) == [2, 3, 6])
        #expect(node["b"]?.elements?.map(\.line) == [4, 5])
        #expect(node["b"]?.elements?.last?.content == .scalar("true", plain: false))
        #expect(node["a"]?.content == .scalar("1", plain: true))
        #expect(node["c"]?.text == "text\n")
        #expect(node["d"] == nil)
    }

    @Test(arguments: ["", "# nothing\n", "---\n", "~"])
    func nothingIsAnEmptyMapping(text: String) throws {
        #expect(try YAMLNode.parse(text, file: "f").members == [])
    }

    static let faulty: [(text: String, faults: [String])] = [
        ("a: 1\nb: 2\na: 3\n", ["f:3: a: doubled key, first on line 1"]),
        (
            "a: 1\nb: [{c: 1, c: 2}]\na: 2\n",
            ["f:2: b[0].c: doubled key, first on line 2", "f:3: a: doubled key, first on line 1"]
        ),
        (
            "a: &x 1\nb: *x\n",
            ["f:1: anchors and aliases are not supported", "f:2: anchors and aliases are not supported"]
        ),
        ("a: !!int 1\n", ["f:1: tags are not supported"]),
        ("a: 1\n---\nb: 2\n", ["f:3: must hold one document only"]),
        ("a: 1\n? [x]\n: 2\n", ["f:2: a key must be a single value"]),
        ("a: \"x\\0y\"\n", ["f:1: a value must not hold a NUL character"]),
        (
            "a: [1, 2\nb: 3\n",
            ["f:2: is not YAML: did not find expected ',' or ']' while parsing a flow sequence"]
        ),
        (
            "a: 1\n\tb: 2\n",
            ["f:2: is not YAML: found a tab character that violates indentation while scanning a plain scalar"]
        ),
        ("a: b: c\n", ["f:1: is not YAML: mapping values are not allowed in this context"]),
        ("a: 1\nb: \u{01}\n", ["f:2: is not YAML: control characters are not allowed"]),
        (String(repeating: "[", count: 70), ["f:1: is nested deeper than 64 levels"]),
    ]

    @Test(arguments: faulty)
    func refuses(text: String, faults: [String]) throws {
        let error = try #require(throws: SettingsError.self) { try YAMLNode.parse(text, file: "f") }
        #expect(error.faults.map(\.text) == faults)
    }

    @Test func saysWhyAFileCannotBeRead() throws {
        let error = try #require(throws: SettingsError.self) { try YAMLNode.load(file: "/nowhere/x.yaml") }
        #expect(error.faults.map(\.text) == ["/nowhere/x.yaml: cannot be read: No such file or directory"])
    }
}
