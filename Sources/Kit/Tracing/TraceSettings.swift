package import Settings
package import Transfer

/// Where spans go, and of which traces.
package struct TraceSettings: Sendable, Equatable {
    /// The full address of the collector, `…/v1/traces`.
    package let address: WebAddress
    /// The share of new traces that is recorded, 0 to 1. A trace that came with an event is recorded as its maker says.
    package let sampleRatio: Double
    /// Sent with every request; for the key that a vendor's collector asks for.
    package let headers: [Header]
    /// A PEM file with the authorities to trust instead of the system's.
    package let caFile: String?

    package struct Header: Sendable, Equatable {
        let name: String
        let value: Secret
    }

    package init(address: WebAddress, sampleRatio: Double = 1, headers: [Header] = [], caFile: String? = nil) {
        self.address = address
        self.sampleRatio = sampleRatio
        self.headers = headers
        self.caFile = caFile
    }

    /// Reads the section `tracing` of a file; faults are noted in the reader. Nil without an endpoint: tracing is off.
    ///
    /// | key | variable | default |
    /// |---|---|---|
    /// | `endpoint` | `OTEL_EXPORTER_OTLP_ENDPOINT` | none |
    /// | `sample_ratio` | `OTEL_TRACES_SAMPLER_ARG` | 1 |
    /// | `headers` | `OTEL_EXPORTER_OTLP_HEADERS` | none |
    /// | `ca_file` | `OTEL_EXPORTER_OTLP_CERTIFICATE` | the system's authorities |
    package init?(_ reader: SettingsReader) {
        let endpoint = reader.optionalString("endpoint", env: "OTEL_EXPORTER_OTLP_ENDPOINT")
        let ratio = reader.double("sample_ratio", env: "OTEL_TRACES_SAMPLER_ARG", default: 1, in: 0...1)
        let headers = reader.secret("headers", env: "OTEL_EXPORTER_OTLP_HEADERS")
        let caFile = reader.optionalPath("ca_file", env: "OTEL_EXPORTER_OTLP_CERTIFICATE")
        guard let endpoint else { return nil }
        do throws(Fault) {
            let address = try Self.address(endpoint)
            self.init(
                address: address, sampleRatio: ratio, headers: try Self.headers(headers), caFile: caFile)
        } catch {
            reader.report(error.key, error.message)
            return nil
        }
    }

    private struct Fault: Error {
        var key = "endpoint"
        let message: String
    }

    /// The endpoint is the base of the addresses of all signals, as OpenTelemetry defines the variable.
    private static func address(_ endpoint: String) throws(Fault) -> WebAddress {
        guard endpoint.hasPrefix("http://") || endpoint.hasPrefix("https://") else {
            throw Fault(message: "must start with http:// or https://, for example http://localhost:4318")
        }
        guard !endpoint.contains(where: { "?#".contains($0) }) else {
            throw Fault(message: "must not have a query; it is a base to which v1/traces is added")
        }
        let address: WebAddress
        do throws(TransferFailure) {
            // By itself first: what is added to it must not become its host.
            address = try WebAddress(try WebAddress(endpoint).text + (endpoint.hasSuffix("/") ? "" : "/") + "v1/traces")
        } catch {
            throw Fault(message: error.message)
        }
        guard address.port != 4317 else {
            throw Fault(message: "names port 4317, which speaks gRPC; spans go by HTTP, mostly to port 4318")
        }
        return address
    }

    /// `name=value` pairs with commas between them, values percent-encoded.
    private static func headers(_ text: Secret?) throws(Fault) -> [Header] {
        let fault = Fault(key: "headers", message: "must be name=value pairs, separated by commas")
        var headers: [Header] = []
        for pair in (text?.value ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = decoded(trimmed(parts[1])) else { throw fault }
            headers.append(Header(name: trimmed(parts[0]).lowercased(), value: Secret(value)))
        }
        do throws(TransferFailure) {
            _ = try HTTPHeaders(headers.map { ($0.name, $0.value.value) })
        } catch {
            throw Fault(key: "headers", message: error.message)
        }
        return headers
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
