package import Delivery
package import Endpoints
package import Settings
package import Transfer

/// An endpoint of configuration, checked and ready for requests.
package struct EndpointTarget: Sendable {
    package let url: WebAddress
    /// The endpoint's own headers; none of them is one of ours.
    package let headers: HTTPHeaders
    /// Limit of one attempt.
    package let timeout: Duration
    package let destination: Destination

    package init(
        url: WebAddress, headers: HTTPHeaders = HTTPHeaders(), timeout: Duration, destination: Destination
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
        let headers = Self.headers(endpoint, ownHeaders, reader)
        guard let url = Self.url(endpoint, reader), let headers else { return nil }
        self.init(
            url: url, headers: headers, timeout: endpoint.timeout,
            destination: Destination(
                name: endpoint.name, maxInFlight: endpoint.maxInFlight,
                rate: endpoint.rate.map(Destination.Rate.init)))
    }

    private static func headers(_ endpoint: Endpoint, _ own: Set<String>, _ reader: SettingsReader) -> HTTPHeaders? {
        let taken = endpoint.headers.map { $0.name.lowercased() }.filter { reserved.contains($0) || own.contains($0) }
        for name in taken { reader.report(endpoint.fault("headers", "\(name) cannot be set for an endpoint")) }
        guard taken.isEmpty else { return nil }
        // What no request can carry was reported where it was read.
        return try? HTTPHeaders(endpoint.headers)
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
