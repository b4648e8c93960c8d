internal import COpenSSL

/// Random bytes of libcrypto's generator, good enough for keys. Thread-safe.
public enum SecureRandom {
    /// - Precondition: the system's entropy source works.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableRawBufferPointer(buffer))
            filled = count
        }
    }

    /// Fills `buffer`.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
        let ok = RAND_bytes(base.assumingMemoryBound(to: UInt8.self), Int32(clamping: buffer.count))
        precondition(ok == 1, "libcrypto has no entropy")
    }
}
