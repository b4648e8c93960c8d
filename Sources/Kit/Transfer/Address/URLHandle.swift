internal import CCurl

/// A parsed URL of libcurl, freed with its last reference.
// Safe because the handle is only written by `set` before it is shared; libcurl copies it for each transfer.
final class URLHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init?() {
        guard let pointer = curl_url() else { return nil }
        self.pointer = pointer
    }

    deinit { curl_url_cleanup(pointer) }

    func set(_ part: CURLUPart, _ text: String, flags: UInt32 = 0) -> Bool {
        curl_url_set(pointer, part, text, flags) == CURLUE_OK
    }

    func part(_ part: CURLUPart, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(pointer, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
