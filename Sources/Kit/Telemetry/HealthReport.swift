/// An answer of `/livez` or `/readyz`.
package struct HealthReport: Sendable, Equatable {
    /// Whether the answer is 200; 503 otherwise.
    package let isHealthy: Bool
    /// One line for people: `ok`, or what is wrong. No secrets; anybody may read it.
    package let text: String

    package static let healthy = HealthReport(isHealthy: true, text: "ok")

    package static func unhealthy(_ text: String) -> HealthReport { HealthReport(isHealthy: false, text: text) }
}
