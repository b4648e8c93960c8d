internal import Digest
internal import Settings

/// A secret of Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes.
struct SigningSecret: Sendable {
    /// Why a text is no secret; a sentence for a settings fault that never shows the text.
    struct Fault: Error, Equatable {
        let message: String
    }

    private static let prefix = "whsec_"
    let key: HMACSHA256

    init(_ secret: Secret) throws(Fault) {
        guard secret.value.hasPrefix(Self.prefix) else {
            throw Fault(message: "a secret must start with whsec_")
        }
        guard let bytes = Base64.decode(String(secret.value.dropFirst(Self.prefix.count))) else {
            throw Fault(message: "a secret must be base64 behind whsec_")
        }
        guard (24...64).contains(bytes.count) else {
            throw Fault(message: "a secret must hold 24 to 64 bytes behind whsec_, this one holds \(bytes.count)")
        }
        key = HMACSHA256(key: bytes)
    }
}
