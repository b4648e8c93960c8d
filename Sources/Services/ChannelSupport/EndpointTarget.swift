package import Delivery
package import Endpoints
package import Settings
package import Transfer

/// An endpoint of configuration, checked and ready for requests.
package struct EndpointTarget: Sendable {
    package let url: WebAddress
    /// The endpoint's own headers; none of them is one of ours.
    package let headers: [(name: String, value: String)]
    /// Limit of one attempt.
    package let timeout: Duration
    package let destination: Destination

    package init(
        url: WebAddress, headers: [(name: String, value: String)] = [], timeout: Duration, destination: Destination
    ) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.destination = destination
    }

    /// Headers that belong to the connection or to the body: no endpoint can set them.
    private static let reserved: Set<String> = [
        "content-type", "content-length", "content-encoding", "transfer-encoding", "host", "connection", "expect", "te",
        "trailer", "upgrade",
    ]

    /// Checks an endpoint's URL and headers.
    ///
    /// - Parameters:
    ///   - ownHeaders: names, in lower case, that the channel itself sends.
    ///   - reader: takes the faults.
    /// - Returns: nil where there was one.
    package init?(_ endpoint: Endpoint, ownHeaders: Set<String> = [], reportingTo reader: SettingsReader) {
        var areHeadersGood = true
        for (name, _) in endpoint.headers {
            let name = name.lowercased()
            guard Self.reserved.contains(name) || ownHeaders.contains(name) else { continue }
            reader.report(endpoint.fault("headers", "\(name) cannot be set for an endpoint"))
            areHeadersGood = false
        }
        guard let url = Self.url(endpoint, reader), areHeadersGood else { return nil }
        self.init(
            url: url, headers: endpoint.headers, timeout: endpoint.timeout,
            destination: Destination(
                name: endpoint.name, maxInFlight: endpoint.maxInFlight,
                rate: endpoint.rate.map { Destination.Rate(count: $0.count, per: $0.per) }))
    }

    private static func url(_ endpoint: Endpoint, _ reader: SettingsReader) -> WebAddress? {
        // A missing one was reported where it was read.
        guard !endpoint.url.isEmpty else { return nil }
        do throws(TransferFailure) {
            return try WebAddress(endpoint.url)
        } catch {
            reader.report(endpoint.fault("url", error.message))
            return nil
        }
    }
}
