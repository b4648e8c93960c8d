internal import COpenSSL

/// SHA-1 for name-based UUIDs (RFC 9562, version 5); not a security measure. Thread-safe.
package enum SHA1 {
    /// The digest's length in bytes.
    package static let length = 20

    /// Lends the digest of `bytes` to `body`; allocates nothing.
    package static func withDigest<Result>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 8) { digest in
            nh_sha1(bytes.baseAddress, bytes.count, digest.baseAddress)
            return body(UnsafeRawBufferPointer(digest))
        }
    }
}
