import Settings
import TestKit
import Testing

@Suite struct PartsTests {
    static let suggestions: [(name: String, nearest: String?)] = [
        ("hots", "host"), ("por", "port"), ("user-name", "username"), ("USERNAME", "username"), ("timeuot", "timeout"),
        ("x", nil), ("completely", nil), ("", nil),
    ]

    @Test(arguments: suggestions)
    func suggestsOnlyWhatIsNear(name: String, nearest: String?) {
        #expect(Suggestion.nearest(to: name, among: ["host", "port", "username", "timeout"]) == nearest)
    }

    static let texts: [(text: String, result: String?)] = [
        ("plain", "plain"), ("${A}", "1"), ("x${A}y${B_2}z", "x1y$z"), ("$A {A} $${A}", "$A {A} $1"), ("${EMPTY}", nil),
        ("${UNSET}", nil), ("${}", nil), ("${A", nil), ("${A-b}", nil), ("${2A}", nil), ("${SECRET}", "from file"),
    ]

    @Test(arguments: texts)
    func expandsVariables(text: String, result: String?) {
        let directory = TemporaryDirectory()
        let environment = ["A": "1", "B_2": "$", "EMPTY": "", "SECRET_FILE": directory.write("s", "from file\n")]
        #expect((try? Interpolation.expand(text, environment: environment)) == result)
    }

    @Test func whatWasPutInIsNotExpandedAgain() throws {
        #expect(try Interpolation.expand("${A}", environment: ["A": "${B}", "B": "x"]) == "${B}")
    }

    @Test func theVariableWinsOverItsFile() throws {
        let found = try Environment.find("A", in: ["A": "direct", "A_FILE": "/nowhere"])
        #expect(found?.text == "direct")
        #expect(try Environment.find("A", in: ["A": "", "A_FILE": ""]) == nil)
    }

    @Test func theProcessHasAnEnvironment() {
        #expect(Environment.current["PATH"]?.isEmpty == false)
    }

    static let sizes: [(text: String, bytes: Int?, canonical: String?)] = [
        ("0", 0, "0"), ("512", 512, "512"), ("64KiB", 65_536, "64KiB"), ("1MiB", 1 << 20, "1MiB"),
        ("2048KiB", 1 << 21, "2MiB"), ("100B", 100, "100"), ("1MB", nil, nil), ("-1", nil, nil), ("KiB", nil, nil),
        ("9999999999GiB", nil, nil),
    ]

    @Test(arguments: sizes)
    func readsAndWritesSizes(text: String, bytes: Int?, canonical: String?) {
        #expect(ByteCount.parse(text) == bytes)
        #expect(bytes.map(ByteCount.format) == canonical)
    }

    @Test func secretsDoNotShow() {
        let secret = Secret("hidden")
        var dumped = ""
        dump([secret], to: &dumped)
        #expect("\(secret) \([secret])" == "*** [***]")
        #expect(!dumped.contains("hidden"))
    }

    @Test func filesAreFoundInTheFoldersInOrder() {
        let directory = TemporaryDirectory()
        let file = directory.write("found-only-here.yaml", "")
        let environment = ["CONFIG_DIR": "\(directory.path)/"]
        #expect(ConfigLocator.find("found-only-here.yaml", environment: environment) == file)
        #expect(ConfigLocator.find("x", explicit: "given", environment: environment) == "given")
        #expect(ConfigLocator.find("no-such-file.yaml", environment: environment) == nil)
        #expect(ConfigLocator.resolve("a", relativeTo: "/f.yaml") == "/a")
        #expect(ConfigLocator.resolve("a", relativeTo: "f.yaml") == "a")
        #expect(ConfigLocator.resolve("/a", relativeTo: "x/f.yaml") == "/a")
    }
}
