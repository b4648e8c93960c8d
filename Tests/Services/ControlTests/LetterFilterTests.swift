import CommandLineKit
import DeadLetters
import Testing
import Time

@testable import Control

struct LetterFilterTests {
    private static let letter = RedrivePolicyTests.letter(RedrivePolicyTests.ours)

    /// What is set, and whether the letter matches then.
    static let rows: [(@Sendable (inout LetterFilter) -> Void, Bool)] = [
        ({ _ in }, true), ({ $0.classes = ["permanent", "exhausted"] }, true), ({ $0.classes = ["permanent"] }, false),
        ({ $0.reasons = ["http_500"] }, true), ({ $0.reasons = ["answered"] }, true),
        ({ $0.reasons = ["http"] }, false),
        ({ $0.keys = ["u1"] }, true), ({ $0.keys = ["u"] }, false), ({ $0.ids = ["n1"] }, true),
        ({ $0.ids = ["e1"] }, true), ({ $0.ids = ["e2"] }, false),
        ({ $0.since = UnixTime(milliseconds: 1_700_000_000_000) }, true),
        ({ $0.until = UnixTime(milliseconds: 1_700_000_000_000) }, false),
        ({ $0.places = [LetterFilter.Place("2:17")].compactMap(\.self) }, true),
        ({ $0.places = [LetterFilter.Place("1:17")].compactMap(\.self) }, false),
        (
            {
                $0.keys = ["u1"]; $0.classes = ["permanent"]
            }, false
        ),
    ]

    @Test(arguments: rows.indices)
    func allConditionsMustHold(index: Int) {
        var filter = LetterFilter()
        Self.rows[index].0(&filter)
        #expect(filter.matches(Self.letter) == Self.rows[index].1)
    }

    static let times: [(String, Int64?)] = [
        ("2026-11-21T01:00:00Z", 1_795_222_800_000), ("2026-11-21", 1_795_219_200_000), ("now", 1_000_000_000),
        ("2h", 992_800_000), ("90s", 999_910_000), ("0", 1_000_000_000), ("yesterday", nil), ("2026-13-01", nil),
        ("", nil), ("-2h", nil),
    ]

    @Test(arguments: times)
    func timesOfACommandLine(text: String, milliseconds: Int64?) {
        let now = UnixTime(milliseconds: 1_000_000_000)
        #expect(TimeText.parse(text, now: now)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["", "1", "1:", ":1", "a:1", "1:-2", "1:2:3", "1:2 "])
    func placesMustBeWhole(text: String) { #expect(LetterFilter.Place(text) == nil) }

    @Test func placesOfRecords() {
        #expect(RecordPlace("order.events:2:17")?.text == "order.events:2:17")
        for text in ["order.events", "order.events:2", ":2:17", "a:b:c", "a:-1:2", "a:1:2:3"] {
            #expect(RecordPlace(text) == nil, "\(text)")
        }
    }
}
