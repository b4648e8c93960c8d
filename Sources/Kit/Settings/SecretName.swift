/// Tells by its name whether a setting or a variable holds a secret, where nothing else says it.
enum SecretName {
    private static let parts = [
        "password", "passphrase", "secret", "token", "credential", "jaas", "webhook_url", "api_key", "api-key",
        "apikey",
        "authorization", "cookie", ".pem", ".key",
    ]

    static func matches(_ name: String) -> Bool {
        let name = name.lowercased()
        return parts.contains { name.contains($0) }
    }
}
