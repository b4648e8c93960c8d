internal import COpenSSL

/// SHA-1 for name-based UUIDs (RFC 9562, version 5); not a security measure.
///
/// Keeps one libcrypto context, so that hashing allocates nothing. Not thread-safe: one owner at a time.
package final class SHA1 {
    /// The digest's length in bytes.
    package static let length = 20

    private let algorithm: OpaquePointer
    private let context: OpaquePointer

    /// - Precondition: libcrypto offers SHA-1; one that does not (a FIPS-only build) cannot make our ids.
    package init() {
        guard let algorithm = EVP_MD_fetch(nil, "SHA1", nil), let context = EVP_MD_CTX_new() else {
            preconditionFailure("libcrypto offers no SHA-1")
        }
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    /// Lends the digest of `bytes` to `body`.
    package func withDigest<Result>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 8) { digest in
            let ok =
                EVP_DigestInit_ex2(context, algorithm, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
            precondition(ok, "libcrypto failed to hash")
            return body(UnsafeRawBufferPointer(digest))
        }
    }
}
