import Glibc
import Routing
import Settings
import TestKit
import Testing

/// Compares with Amazon's Event Ruler on generated patterns and events. `EVENT_RULER` names a command that reads one
/// `{"pattern":…,"event":…}` a line and answers `true`, `false` or `error: …`, or the folder of `event-ruler.sh`, which
/// does; `EVENT_RULER_SEED` makes another run.
struct EventRulerTests {
    static let command: String = {
        let path = Environment.current["EVENT_RULER"] ?? ""
        let script = path + "/event-ruler.sh"
        return access(script, X_OK) == 0 ? script : path
    }()
    static let seed = Environment.current["EVENT_RULER_SEED"].flatMap { UInt64($0) } ?? 2_026_1121
    static let cases = 5_000

    @Test(.enabled(if: !command.isEmpty, "EVENT_RULER names no Event Ruler to compare with"))
    func agreesWithEventRuler() throws {
        var generator = PatternGenerator(seed: Self.seed)
        let pairs = (0..<Self.cases).map { _ in generator.pair() }
        let lines = pairs.map { #"{"pattern":\#($0.pattern),"event":\#($0.event)}"# }
        let answers = ask(lines)
        try #require(answers.count == lines.count, "Event Ruler answered \(answers.count) of \(lines.count) lines")
        var matched = 0
        for (pair, answer) in zip(pairs, answers) {
            let own = decide(pair.pattern, pair.event)
            matched += own == "true" ? 1 : 0
            let theirs = answer.hasPrefix("error") ? "error" : answer
            #expect(own == theirs, "seed \(Self.seed): \(pair.pattern) on \(pair.event), \(answer)")
        }
        // Both answers must be common, or the comparison says little.
        #expect(matched > Self.cases / 10 && matched < Self.cases * 9 / 10, "seed \(Self.seed): \(matched) matched")
    }

    private func decide(_ pattern: String, _ event: String) -> String {
        do {
            return try PatternTests.matches(try PatternTests.compile(pattern), event) ? "true" : "false"
        } catch {
            return "error"
        }
    }

    private func ask(_ lines: [String]) -> [String] {
        let directory = TemporaryDirectory()
        let questions = directory.write("questions", lines.joined(separator: "\n") + "\n")
        guard let stream = popen("'\(Self.command)' < '\(questions)'", "r") else { return [] }
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
