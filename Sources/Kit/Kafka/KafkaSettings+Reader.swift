internal import Glibc
package import Settings

extension KafkaSettings {
    /// Reads the connection from the section `kafka` of a settings file.
    ///
    /// | key | variable | default |
    /// |---|---|---|
    /// | `brokers` | `KAFKA_BROKERS` | 127.0.0.1:9094 |
    /// | `security.protocol` | `KAFKA_SECURITY_PROTOCOL` | plaintext |
    /// | `sasl.mechanism` | `KAFKA_SASL_MECHANISM` | none |
    /// | `sasl.username` | `KAFKA_SASL_USERNAME` | none |
    /// | `sasl.password` | `KAFKA_SASL_PASSWORD` | none |
    /// | `ssl.ca.location` | `KAFKA_SSL_CA_LOCATION` | the system's |
    /// | `ssl.certificate.location` | `KAFKA_SSL_CERTIFICATE_LOCATION` | none |
    /// | `ssl.key.location` | `KAFKA_SSL_KEY_LOCATION` | none |
    /// | `ssl.key.password` | `KAFKA_SSL_KEY_PASSWORD` | none |
    /// | any other | | a property of librdkafka, as it is named there |
    ///
    /// Faults are noted in the reader, but for those that only ``check(_:_:)`` finds. Read the caller's own keys of the
    /// section before.
    package init(reading section: SettingsReader, clientID: String) {
        let faultsBefore = section.faultCount
        self.init(
            brokers: section.string("brokers", env: "KAFKA_BROKERS", default: "127.0.0.1:9094"), clientID: clientID)
        security.protocolName =
            section.string("security.protocol", env: "KAFKA_SECURITY_PROTOCOL", default: "plaintext").lowercased()
        security.mechanism = section.optionalString("sasl.mechanism", env: "KAFKA_SASL_MECHANISM")
        security.username = section.optionalString("sasl.username", env: "KAFKA_SASL_USERNAME")
        security.password = section.secret("sasl.password", env: "KAFKA_SASL_PASSWORD")?.value
        security.keyPassword = section.secret("ssl.key.password", env: "KAFKA_SSL_KEY_PASSWORD")?.value
        security.caLocation = Self.readable("ssl.ca.location", "KAFKA_SSL_CA_LOCATION", section)
        security.certificateLocation = Self.readable(
            "ssl.certificate.location", "KAFKA_SSL_CERTIFICATE_LOCATION", section)
        security.keyLocation = Self.readable("ssl.key.location", "KAFKA_SSL_KEY_LOCATION", section)
        if (security.certificateLocation == nil) != (security.keyLocation == nil) {
            section.report(
                security.keyLocation == nil ? "ssl.key.location" : "ssl.certificate.location",
                "is missing: a certificate and its key go together")
        }
        let others = section.properties()
        properties = others.map { ($0.name, $0.value) }
        let configuration = Configuration()
        for (name, value) in connectionProperties where name != "bootstrap.servers" {
            do { try configuration.set(name, value) } catch { section.report(name, error.message) }
        }
        for other in others {
            if Self.reservedProperties.contains(other.name) {
                section.report(other.name, "cannot be set here: the delivery guarantees depend on it")
            } else {
                do throws(KafkaError) {
                    try configuration.set(other.name, other.value)
                } catch {
                    let isUnknown = error.code == Configuration.unknownProperty
                    section.report(
                        other.name, error.message,
                        suggestion: isUnknown ? Self.suggestion(for: other.name, section, configuration) : nil)
                }
            }
        }
        hasFaults = section.faultCount > faultsBefore
    }

    /// A path, which must lead to something: librdkafka would only tell at the start.
    private static func readable(_ key: String, _ variable: String, _ section: SettingsReader) -> String? {
        guard let path = section.optionalPath(key, env: variable) else { return nil }
        if access(path, R_OK) != 0 {
            section.report(key, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        return path
    }

    /// The nearest key of ours, or else of librdkafka's properties.
    private static func suggestion(
        for name: String, _ section: SettingsReader, _ configuration: Configuration
    ) -> String? {
        let own = ["brokers", "group_id", "security.protocol", "sasl.mechanism", "sasl.username", "sasl.password"]
        let free = own.filter { !section.has($0) }
        return
            (Suggestion.nearest(to: name, among: free)
            ?? Suggestion.nearest(to: name, among: configuration.propertyNames)).map { "\(section.path).\($0)" }
    }
}
