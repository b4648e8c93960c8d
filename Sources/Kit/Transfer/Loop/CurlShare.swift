internal import CCurl

/// What all of libcurl's handles share: TLS sessions, which are kept per easy handle otherwise. Owned by one thread.
final class CurlShare {
    let pointer: UnsafeMutableRawPointer

    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// nil where memory is short.
    init?() {
        guard Self.isInitialized, let pointer = curl_share_init() else { return nil }
        self.pointer = pointer
        _ = ccurl_share_add(pointer, CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Every transfer must have been released.
    deinit { curl_share_cleanup(pointer) }
}
