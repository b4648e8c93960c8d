/// Where a notification goes, as far as scheduling cares: the lane's and the circuit's key with its limits.
package struct Destination: Sendable, Hashable {
    /// So many sends per time, with so many at once after a quiet while.
    package struct Rate: Sendable, Hashable {
        package var count: Int
        package var per: Duration
        package var burst: Int

        /// - Parameter burst: by default a tenth of `count`, at least one.
        package init(count: Int, per: Duration, burst: Int? = nil) {
            self.count = max(1, count)
            self.per = per
            self.burst = max(1, burst ?? count / 10)
        }
    }

    /// The endpoint's name, or the channel's for a channel with one provider. A metric label: of a bounded set.
    package var name: String
    /// Attempts in flight at once, at least one.
    package var maxInFlight: Int
    /// `nil`: no limit.
    package var rate: Rate?
    /// The notification goes to an address of its own and only borrows the endpoint's name and limits. All such
    /// notifications of one endpoint share those limits once more, beside the endpoint's own. Without a circuit, because
    /// one address that is down says nothing of the others, nor of the endpoint.
    package var hasOwnAddress: Bool

    package init(name: String, maxInFlight: Int, rate: Rate? = nil, hasOwnAddress: Bool = false) {
        self.name = name
        self.maxInFlight = max(1, maxInFlight)
        self.rate = rate
        self.hasOwnAddress = hasOwnAddress
    }
}
