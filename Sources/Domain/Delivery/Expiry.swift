package import Time

/// Says which notifications have outlived their use.
package enum Expiry {
    package static func hasExpired(_ expiresAt: UnixTime?, now: UnixTime) -> Bool {
        guard let expiresAt else { return false }
        return expiresAt <= now
    }
}
