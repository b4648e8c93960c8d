internal import Digest
internal import Time

/// The signature of Standard Webhooks 1.0.0, version `v1`: HMAC-SHA256 of `id.timestamp.body`.
enum Signature {
    private static let version: StaticString = "v1,"
    private static let length = version.utf8CodeUnitCount + Base64.length(of: HMACSHA256.length)

    /// The value of `webhook-signature`: one signature for each secret, with blanks between them.
    static func header(id: String, timestamp: String, body: [UInt8], secrets: [SigningSecret]) -> String {
        var (id, stamp) = (id, "." + timestamp + ".")
        return body.withUnsafeBytes { body in
            id.withUTF8 { id in
                stamp.withUTF8 { stamp in
                    header([UnsafeRawBufferPointer(id), UnsafeRawBufferPointer(stamp), body], secrets)
                }
            }
        }
    }

    private static func header(_ parts: [UnsafeRawBufferPointer], _ secrets: [SigningSecret]) -> String {
        String(unsafeUninitializedCapacity: secrets.count * (length + 1)) { output in
            var end = 0
            for secret in secrets {
                if end > 0 {
                    output[end] = UInt8(ascii: " ")
                    end += 1
                }
                end = output[end...].update(
                    fromContentsOf: UnsafeBufferPointer(start: version.utf8Start, count: version.utf8CodeUnitCount))
                secret.key.withCode(of: { parts.forEach($0) }) { code in
                    Base64.write(code, to: UnsafeMutableBufferPointer(rebasing: output[end...]))
                }
                end += Base64.length(of: HMACSHA256.length)
            }
            return end
        }
    }
}
