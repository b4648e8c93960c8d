internal import Digest
internal import Time

/// The signature of Standard Webhooks 1.0.0, version `v1`: HMAC-SHA256 of `id.timestamp.body`.
enum Signature {
    /// The value of `webhook-signature`: one signature for each secret, with blanks between them.
    static func header(id: String, timestamp: Int64, body: [UInt8], secrets: [SigningSecret]) -> String {
        var prefix: [UInt8] = []
        prefix.reserveCapacity(64)
        prefix.append(contentsOf: id.utf8)
        prefix.append(UInt8(ascii: "."))
        prefix.append(contentsOf: String(timestamp).utf8)
        prefix.append(UInt8(ascii: "."))
        var header: [UInt8] = []
        prefix.withUnsafeBytes { prefix in
            body.withUnsafeBytes { body in
                for secret in secrets {
                    header.append(contentsOf: (header.isEmpty ? "v1," : " v1,").utf8)
                    let code = secret.key.code(for: [prefix, body])
                    code.withUnsafeBytes { Base64.append($0, to: &header) }
                }
            }
        }
        return String(decoding: header, as: UTF8.self)
    }
}
