package import Delivery
internal import Endpoints
package import Settings

extension Destination.Rate {
    /// Reads the key `rate`, such as `50/s`; nil without it and beside a fault, which goes into the reader.
    package init?(reading reader: SettingsReader) {
        guard let text = reader.optionalString("rate") else { return nil }
        guard let rate = EndpointRate(text) else {
            reader.report("rate", "must be a rate such as 50/s, 600/m or 1000/h, not \"\(text)\"")
            return nil
        }
        self.init(count: rate.count, per: rate.per)
    }
}
