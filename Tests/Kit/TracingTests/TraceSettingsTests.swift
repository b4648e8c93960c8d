import Settings
import Testing
import Tracing
import Transfer

struct TraceSettingsTests {
    @Test func isOffWithoutAnEndpoint() throws {
        #expect(try read([:]) == nil)
        #expect(try read(["OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_TRACES_SAMPLER_ARG": "0.5"]) == nil)
    }

    static let endpoints: [(endpoint: String, address: String)] = [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://otlp.example/base/", "https://otlp.example/base/v1/traces"),
        ("http://[::1]:4318/", "http://[::1]:4318/v1/traces"),
    ]

    @Test(arguments: endpoints)
    func addsThePathOfTraces(endpoint: String, address: String) throws {
        let settings = try #require(try read(["OTEL_EXPORTER_OTLP_ENDPOINT": endpoint]))
        #expect(settings.address.text == address && settings.sampleRatio == 1)
    }

    static let faults: [(name: String, value: String, sentence: String)] = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "must start with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "grpc://localhost:4317", "must start with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317", "names port 4317, which speaks gRPC"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318/?key=1", "must not have a query"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", "the URL"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "1.5"),
        ("OTEL_TRACES_SAMPLER_ARG", "half", "must be a number"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key", "must be name=value pairs"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=%zz", "must be name=value pairs"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%0d%0ab", "holds a control character"),
    ]

    @Test(arguments: faults)
    func explainsAFault(name: String, value: String, sentence: String) {
        let environment = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"]
        let error = #expect(throws: SettingsError.self) { try read(environment.merging([name: value]) { $1 }) }
        #expect(error?.faults.count == 1)
        #expect(error?.faults.first.map { $0.text.contains(name) && $0.text.contains(sentence) } == true)
    }

    private func read(_ environment: [String: String]) throws -> TraceSettings? {
        let reader = SettingsReader(file: nil, environment: environment)
        let settings = TraceSettings(reader.section("tracing"))
        try reader.finish()
        return settings
    }
}
