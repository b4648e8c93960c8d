import Settings
import TestKit
import Testing
import Time

@Suite struct SettingsReaderTests {
    enum Encryption: String, CaseIterable { case starttls, tls, off }

    static func reader(_ yaml: String, _ environment: [String: String] = [:]) throws -> SettingsReader {
        let node = try YAMLNode.parse(yaml, file: "config/email.yaml")
        return SettingsReader(file: "config/email.yaml", node: node, environment: environment)
    }

    /// Reads what a mail channel would.
    static func readAll(_ reader: SettingsReader) {
        let smtp = reader.section("smtp")
        _ = smtp.requiredString("host", env: "SMTP_HOST")
        _ = smtp.int("port", env: "SMTP_PORT", default: 587, in: 1...65_535)
        _ = smtp.choice("tls", env: "SMTP_TLS", default: Encryption.starttls)
        _ = smtp.optionalString("username", env: "SMTP_USERNAME")
        _ = smtp.requiredSecret("password", env: "SMTP_PASSWORD")
        _ = reader.duration("timeout", env: "TIMEOUT", default: .seconds(15), in: .seconds(1) ... .minutes(5))
        _ = reader.bool("status", default: true)
        _ = reader.bytes("limit", default: 1 << 20, in: 1_024...(1 << 24))
        _ = reader.double("ratio", default: 0.5, in: 0...1)
        _ = reader.strings("networks", env: "NETWORKS", default: [])
        _ = reader.durations("tiers", env: "TIERS", default: [.seconds(30), .minutes(5)])
    }

    @Test func everyFaultAtOnceWordForWord() throws {
        let yaml = """
            smtp:
              hots: mail
              port: 70000
              tls: startls
              username:
              password: ${NOWHERE}
            timeout: 10x
            status: maybe
            limit: 1MB
            ratio: [1]
            networks: {a: b}
            tiers:
              - 30s
              - soon
            host: mail
            """
        let reader = try Self.reader(yaml)
        Self.readAll(reader)
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map(\.text) == [
                "config/email.yaml:1: smtp.host: missing; set smtp.host in the file or SMTP_HOST in the environment",
                "config/email.yaml:2: smtp.hots: unknown key (did you mean \"smtp.host\"?)",
                "config/email.yaml:3: smtp.port: must be from 1 to 65535, not 70000",
                "config/email.yaml:4: smtp.tls: must be one of starttls, tls, off, not \"startls\" (did you mean \"starttls\"?)",
                "config/email.yaml:5: smtp.username: has no value; give it one or remove the key",
                "config/email.yaml:6: smtp.password: the variable NOWHERE is not set; "
                    + "set NOWHERE or NOWHERE_FILE in the environment",
                "config/email.yaml:7: timeout: must be a duration such as 200ms, 15s, 5m, 24h or 7d, not \"10x\"",
                "config/email.yaml:8: status: must be true or false, not \"maybe\"",
                "config/email.yaml:9: limit: must be a size such as 512, 64KiB or 1MiB, not \"1MB\"",
                "config/email.yaml:10: ratio: must be a single value",
                "config/email.yaml:11: networks: must be a single value",
                "config/email.yaml:14: tiers: must be a duration such as 200ms, 15s, 5m, 24h or 7d, not \"soon\"",
                "config/email.yaml:15: host: unknown key (did you mean \"smtp.host\"?)",
            ])
    }

    @Test func faultsOfVariablesNameTheVariable() throws {
        let directory = TemporaryDirectory()
        let empty = directory.write("empty", "\n")
        let reader = try Self.reader(
            "smtp:\n  host: mail\n",
            ["SMTP_PORT": "many", "SMTP_PASSWORD_FILE": empty, "TIMEOUT": "1h", "TIERS_FILE": "/nowhere"])
        Self.readAll(reader)
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map(\.text) == [
                "environment: SMTP_PORT: must be a whole number, not \"many\"",
                "environment: SMTP_PASSWORD_FILE: \(empty) is empty",
                "environment: TIMEOUT: must be from 1s to 5m, not 1h",
                "environment: TIERS_FILE: /nowhere cannot be read: No such file or directory",
            ])
    }

    @Test func variablesWinOverTheFileAndShowTheirOrigin() throws {
        let directory = TemporaryDirectory()
        let secret = directory.write("password", "p4ss\n\n")
        let reader = try Self.reader(
            "smtp:\n  host: ${MAIL}.example.com\n  port: 25\ntiers: [1m]\nnetworks: [a, '${MAIL}']\n",
            ["MAIL": "mx", "SMTP_PORT": "2525", "SMTP_TLS": "", "SMTP_PASSWORD_FILE": secret, "TIERS": "10s, 1m"])
        let smtp = reader.section("smtp")
        #expect(smtp.requiredString("host", env: "SMTP_HOST") == "mx.example.com")
        #expect(smtp.int("port", env: "SMTP_PORT", default: 587) == 2_525)
        #expect(smtp.choice("tls", env: "SMTP_TLS", default: Encryption.starttls) == .starttls)
        #expect(smtp.secret("password", env: "SMTP_PASSWORD")?.value == "p4ss\n")
        #expect(smtp.secret("other") == nil)
        #expect(reader.durations("tiers", env: "TIERS", default: []) == [.seconds(10), .minutes(1)])
        #expect(reader.strings("networks", default: []) == ["a", "mx"])
        #expect(reader.duration("timeout", default: .seconds(90)) == .seconds(90))
        try reader.finish()
        #expect(
            reader.effective.map(\.text) == [
                "smtp.host: mx.example.com  # config/email.yaml:2 (SMTP_HOST)",
                "smtp.port: 2525  # environment SMTP_PORT",
                "smtp.tls: starttls  # default (SMTP_TLS)",
                "smtp.password: ***  # file of SMTP_PASSWORD_FILE",
                "smtp.other:  # not set",
                "tiers: [10s, 1m]  # environment TIERS",
                "networks: [a, mx]  # config/email.yaml:5",
                "timeout: 90s  # default",
            ])
    }

    @Test func whatHoldsASecretIsNeverShown() throws {
        let directory = TemporaryDirectory()
        let yaml = """
            url: ${SLACK_WEBHOOK_URL}
            list: [a, "${X_TOKEN}"]
            count: ${X_TOKEN}
            host: ${HOST}
            name: ${NAME}
            """
        let variables = [
            "SLACK_WEBHOOK_URL": "https://hidden", "X_TOKEN": "hidden", "HOST": "h",
            "NAME_FILE": directory.write("name", "hidden"),
        ]
        let reader = try Self.reader(yaml, variables)
        #expect(reader.string("url", default: "") == "https://hidden")
        #expect(reader.strings("list", default: []) == ["a", "hidden"])
        #expect(reader.int("count", default: 1) == 1)
        #expect(reader.string("host", default: "") == "h")
        #expect(reader.string("name", default: "") == "hidden")
        #expect(reader.effective.map(\.value) == ["***", "[a, ***]", "***", "h", "***"])
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map(\.text) == [
                "config/email.yaml:3: count: has a wrong value, which may be secret and is not shown"
            ])
    }

    @Test func pathsAreRelativeToWhatNamesThem() throws {
        let reader = try Self.reader("a: x/y\nb: /abs\n", ["C": "here", "EMPTY": ""])
        #expect(reader.path("a", default: "d") == "config/x/y")
        #expect(reader.path("b", default: "d") == "/abs")
        #expect(reader.path("c", env: "C", default: "d") == "here")
        #expect(reader.path("e", env: "EMPTY", default: "routing.yaml") == "config/routing.yaml")
        #expect(reader.optionalPath("f") == nil)
        try reader.finish()
    }

    @Test func freeMappingsListsAndNamedSections() throws {
        let yaml = """
            kafka: {brokers: b, fetch.max.bytes: 100, sasl.password: p}
            endpoints:
              orders: {url: "${UNSET}", rte: 5}
              sales: {url: u}
            routes:
              - name: one
              - name: two
                evnt: x
              - three
            """
        let reader = try Self.reader(yaml)
        let kafka = reader.section("kafka")
        #expect(kafka.string("brokers", default: "") == "b")
        #expect(kafka.properties().map(\.name) == ["fetch.max.bytes", "sasl.password"])
        #expect(reader.effective.last?.value == "***")
        let endpoints = reader.sections(in: "endpoints")
        #expect(endpoints.map(\.name) == ["orders", "sales"])
        endpoints.forEach { $0.reader.ignoreUnknownKeys() }
        #expect(reader.items("routes").map { $0.string("name", default: "?") } == ["one", "two", "?"])
        reader.section("endpoints").report("sales", "is not used")
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map(\.text) == [
                "config/email.yaml:4: endpoints.sales: is not used",
                "config/email.yaml:8: routes[1].evnt: unknown key",
                "config/email.yaml:9: routes[2]: must be a mapping of keys to values",
            ])
    }

    @Test func aBrokenFileHidesNoOtherFileAndMissesNothing() throws {
        let directory = TemporaryDirectory()
        let reader = SettingsReader(file: directory.write("email.yaml", "smtp: [\n"), environment: [:])
        Self.readAll(reader)
        let other = SettingsReader(file: directory.write("routing.yaml", "routs: []\n"), environment: [:])
        _ = other.items("routes")
        reader.absorb(other)
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map { $0.text.replacing("\(directory.path)/", with: "") } == [
                "email.yaml:2: is not YAML: did not find expected node content while parsing a flow node",
                "routing.yaml:1: routs: unknown key (did you mean \"routes\"?)",
            ])
    }

    @Test func withoutAFileTheDefaultsAndTheEnvironmentCount() throws {
        let reader = SettingsReader(file: nil, environment: ["SMTP_PASSWORD": "p"])
        Self.readAll(reader)
        let error = try #require(throws: SettingsError.self) { try reader.finish() }
        #expect(
            error.faults.map(\.text) == [
                "configuration: smtp.host: missing; set smtp.host in the file or SMTP_HOST in the environment"
            ])
    }
}
