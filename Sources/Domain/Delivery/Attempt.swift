package import Time

/// What a channel may know of the attempt that it builds a request for.
package struct Attempt: Sendable {
    /// Counts from 1 over all attempts of the notification, restarts excepted.
    package var number: Int
    /// The wall clock at the attempt, for signatures and the `Date` header.
    package var at: UnixTime
    /// The W3C trace context to hand on: the attempt's own span where spans are recorded, else the Kafka record's.
    package var traceparent: String?
    package var tracestate: String?

    package init(number: Int, at: UnixTime, traceparent: String? = nil, tracestate: String? = nil) {
        self.number = number
        self.at = at
        self.traceparent = traceparent
        self.tracestate = tracestate
    }
}
