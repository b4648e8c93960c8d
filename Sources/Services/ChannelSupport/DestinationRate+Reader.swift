package import Delivery
package import Endpoints
package import Settings

extension Destination.Rate {
    package init(_ rate: EndpointRate) { self.init(count: rate.count, per: rate.per, burst: rate.burst) }

    /// Reads the keys `rate`, such as `50/s`, and `burst`; nil without a rate and beside a fault, which goes into the
    /// reader.
    package init?(reading reader: SettingsReader) {
        guard let rate = EndpointRate.read(reader) else { return nil }
        self.init(rate)
    }
}
