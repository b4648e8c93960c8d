import TestKit
import Testing
import Time

@testable import Telemetry

@Suite struct LogTests {
    static func recorder() -> RecordingLog {
        RecordingLog(clock: ManualClock(wall: UnixTime(milliseconds: 1_795_222_923_456)))
    }

    @Test func writesOneJSONObjectALine() {
        let recorder = Self.recorder()
        recorder.log(service: "core-service").warning(
            "topic_missing", "A topic is \"missing\".",
            [LogField("topic", "a\nb"), LogField("count", 3), LogField("ratio", 0.5), LogField("waiting", true)])
        #expect(
            recorder.lines == [
                #"{"ts":"2026-11-21T01:02:03.456Z","level":"warning","service":"core-service","event":"topic_missing","#
                    + #""message":"A topic is \"missing\".","topic":"a\nb","count":3,"ratio":0.5,"waiting":true}"#
            ])
    }

    @Test func writesTextForPeople() {
        let recorder = Self.recorder()
        recorder.log(format: .text).info(
            "started", "Up.", [LogField("file", "a b"), LogField("evil", "x\n\u{1B}[2J\u{2028}\u{202E}y")])
        #expect(recorder.lines == ["01:02:03.456Z INFO    started: Up. file=\"a b\" evil=\"x  [2J  y\""])
    }

    @Test func leavesOutWhatIsBelowTheLevel() {
        let recorder = Self.recorder()
        let log = recorder.log(level: .warning)
        log.debug("a", "a")
        log.info("b", "b")
        log.error("c", "c")
        #expect(recorder.lines.count == 1)
        #expect(!log.isEnabled(.info) && log.isEnabled(.error))
    }

    @Test func holdsBackRepeatsAndSaysHowMany() {
        let recorder = Self.recorder()
        let log = recorder.log(service: "core-service")
        for _ in 0..<25 { log.error("broken", "It broke.") }
        log.error("other", "Something else.")
        #expect(recorder.lines.count == 11)
        #expect(recorder.lines[9].hasSuffix(#","holding_back":true}"#))
        recorder.clock.advance(by: RepeatLimit.window)
        log.error("broken", "It broke.")
        log.error("broken", "It broke.")
        #expect(recorder.lines[11].hasSuffix(#","held_back":15}"#))
        #expect(recorder.lines[12].hasSuffix(#""message":"It broke."}"#))
    }

    @Test func repeatsThatEndAreToldByTheNextLine() {
        let recorder = Self.recorder()
        let log = recorder.log()
        for _ in 0..<14 { log.error("broken", "It broke.") }
        log.info("other", "Something else.")
        #expect(recorder.lines.count == 11)
        recorder.clock.advance(by: RepeatLimit.window)
        log.info("other", "Something else.")
        #expect(recorder.lines.count == 13)
        #expect(
            recorder.lines[11].contains(#""level":"error","#)
                && recorder.lines[11].hasSuffix(
                    #""event":"repeats_held_back","message":"It broke.","of":"broken","held_back":4}"#)
        )
        log.info("other", "Something else.")
        #expect(recorder.lines.count == 14)
    }

    @Test func manyDifferentLinesNeedBoundedMemory() {
        var limit = RepeatLimit()
        let now = ContinuousClock.now
        for index in 0..<2_000 {
            let line = RepeatLimit.Line(level: .info, event: "\(index)", message: "")
            #expect(limit.finished(now, beside: line).isEmpty)
            #expect(limit.admit(line, now: now) == .init(heldBack: 0, isLast: false))
        }
    }

    @Test(arguments: Log.Format.allCases)
    func aLineFitsInOneWrite(format: Log.Format) throws {
        let recorder = Self.recorder()
        let long = String(repeating: "é\u{1}", count: 5_000)
        recorder.log(format: format).info("long", long, (0..<9).map { _ in LogField("field", long) })
        let line = try #require(recorder.lines.first)
        #expect(recorder.lines.count == 1)
        #expect(line.utf8.count < LogLine.maximumLength)
        #expect(!line.contains("\u{FFFD}"))
        if format == .json { #expect(line.hasSuffix(#","cut":true}"#)) }
    }
}
