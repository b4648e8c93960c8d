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
        message.withUnsafeBytes { code(for: [$0]) }
    }

    /// The 32 bytes of the code of the concatenation of `parts`, which are not copied.
    public func code(for parts: [UnsafeRawBufferPointer]) -> [UInt8] {
        context.withLock { context in
            let context = context.pointer
            precondition(EVP_MAC_init(context, nil, 0, nil) == 1, "libcrypto failed to begin")
            for part in parts {
                guard let base = part.baseAddress else { continue }
                precondition(
                    EVP_MAC_update(context, base.assumingMemoryBound(to: UInt8.self), part.count) == 1,
                    "libcrypto failed to hash")
            }
            return [UInt8](unsafeUninitializedCapacity: Self.length) { code, count in
                precondition(
                    EVP_MAC_final(context, code.baseAddress, &count, Self.length) == 1, "libcrypto failed to hash")
            }
        }
    }
}
