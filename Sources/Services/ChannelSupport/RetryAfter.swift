package import Time
package import Transfer

/// Reads `Retry-After`.
package enum RetryAfter {
    /// The longest wait that a peer can ask for.
    package static let limit = Duration.seconds(24 * 3_600)

    /// How long the answer asks to wait, in seconds or as an HTTP date; at most ``limit``, zero for a past date, nil
    /// where it asks for nothing that can be read.
    package static func floor(of response: HTTPResponse, now: UnixTime) -> Duration? {
        guard let text = response.header("retry-after") else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 {
            return min(.milliseconds(Int64((min(seconds, 1e6) * 1_000).rounded(.up))), limit)
        }
        guard let date = UnixTime(httpDate: text) else { return nil }
        return min(max(date - now, .zero), limit)
    }
}
