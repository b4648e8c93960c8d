internal import CommandLineKit
internal import Time

/// Times on a command line.
enum TimeText {
    static let words = "a time such as 2026-11-21T01:00:00Z, a day such as 2026-11-21, or an age such as 2h"

    /// Reads RFC 3339, a day (its first moment, UTC), `now`, or how long ago it was.
    static func parse(_ text: String, now: UnixTime) -> UnixTime? {
        if text == "now" { return now }
        if let age = DurationText.parse(text) { return now.adding(.zero - age) }
        return UnixTime(rfc3339: text) ?? UnixTime(rfc3339: "\(text)T00:00:00Z")
    }
}

extension Invocation {
    /// An option's time.
    func time(_ option: String, now: UnixTime = .now()) throws(CommandFault) -> UnixTime? {
        try parse(option, expecting: TimeText.words) { TimeText.parse($0, now: now) }
    }
}
