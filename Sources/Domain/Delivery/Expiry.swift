package import Time

/// Finds the waiting notifications whose time is over. Entries are never cancelled; who is told checks.
package struct Expiry: Sendable {
    private var timers = Timers<UnixTime>()

    package init() {}

    package mutating func add(_ token: Int, at time: UnixTime) { timers.add(token, at: time) }

    /// Takes one token whose time has come.
    package mutating func popExpired(_ now: UnixTime) -> Int? { timers.popDue(now) }

    package static func hasExpired(_ expiresAt: UnixTime?, now: UnixTime) -> Bool {
        guard let expiresAt else { return false }
        return expiresAt <= now
    }
}
