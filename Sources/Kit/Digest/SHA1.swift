internal import COpenSSL

/// SHA-1 for name-based UUIDs (RFC 9562, version 5); not a security measure. Thread-safe.
public enum SHA1 {
    /// The digest's length in bytes.
    public static let length = 20

    /// Writes the digest of `bytes`, ``length`` bytes, to `digest`.
    public static func hash(_ bytes: UnsafeRawBufferPointer, to digest: UnsafeMutablePointer<UInt8>) {
        nh_sha1(bytes.baseAddress, bytes.count, digest)
    }
}
