internal import COpenSSL
internal import Synchronization

/// HMAC-SHA256 (RFC 2104) under one key, whose two key blocks are hashed once.
///
/// Thread-safe. Every code begins the one context anew, which costs less than half of a copy of it; threads that use
/// the same key at the same time wait for each other.
public final class HMACSHA256: Sendable {
    /// The code's length in bytes.
    public static let length = 32

    private struct Context: @unchecked Sendable { let pointer: OpaquePointer }
    // Safe because the lock is held whenever the context is used.
    private let context: Mutex<Context>

    /// - Precondition: libcrypto offers HMAC with SHA-256, as every build does.
    public init(key: [UInt8]) {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil), let context = EVP_MAC_CTX_new(algorithm) else {
            preconditionFailure("libcrypto offers no HMAC")
        }
        EVP_MAC_free(algorithm)  // The context holds its own reference.
        self.context = Mutex(Context(pointer: context))
        // libcrypto takes a null key for "no new key", so an empty key needs an address.
        let keyBytes = key.isEmpty ? [0] : key
        var digestName = Array("SHA256".utf8CString)
        let ok = "digest".withCString { parameterName in
            digestName.withUnsafeMutableBufferPointer { digest in
                // A parameter keeps both addresses, so both texts must live as long as it does.
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(parameterName, digest.baseAddress, 0),
                    OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, keyBytes, key.count, parameters)
            }
        }
        precondition(ok == 1, "libcrypto refused the HMAC key")
    }

    deinit {
        context.withLock { EVP_MAC_CTX_free($0.pointer) }
    }

    /// The 32 bytes of the code of `message`.
    public func code(for message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { message in withCode(of: { $0(message) }) { [UInt8]($0) } }
    }

    /// Lends the 32 bytes of the code of a message in parts, none of which is copied.
    ///
    /// - Parameter message: hands the parts, one after another, to its closure.
    public func withCode<Result>(
        of message: (_ add: (UnsafeRawBufferPointer) -> Void) -> Void, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.length) { code in
            context.withLock { context in
                precondition(EVP_MAC_init(context.pointer, nil, 0, nil) == 1, "libcrypto failed to begin")
                message { part in
                    guard let base = part.baseAddress else { return }
                    precondition(
                        EVP_MAC_update(context.pointer, base.assumingMemoryBound(to: UInt8.self), part.count) == 1,
                        "libcrypto failed to hash")
                }
                var count = 0
                precondition(
                    EVP_MAC_final(context.pointer, code.baseAddress, &count, Self.length) == 1,
                    "libcrypto failed to hash")
            }
            return body(UnsafeRawBufferPointer(code))
        }
    }
}
