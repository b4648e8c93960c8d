internal import CCurl

/// libcurl's loop: the transfers that run at once, their connections and TLS sessions. Owned by one thread.
final class CurlMulti {
    private let multi: UnsafeMutableRawPointer
    /// TLS sessions are kept per easy handle unless they are shared.
    let share: UnsafeMutableRawPointer
    /// Transfers that libcurl has to drive. A connected mail session is in the multi, but not counted.
    private(set) var unfinished = 0

    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// nil where memory or descriptors are short.
    init?(maxConnections: Int) {
        guard Self.isInitialized, let multi = curl_multi_init() else { return nil }
        guard let share = curl_share_init() else {
            curl_multi_cleanup(multi)
            return nil
        }
        self.multi = multi
        self.share = share
        // The default is four for each transfer at work: with more hosts, every request would open a new one.
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        _ = ccurl_share_add(share, CURL_LOCK_DATA_SSL_SESSION)
    }

    /// Every transfer must have been removed and released.
    deinit {
        curl_multi_cleanup(multi)
        curl_share_cleanup(share)
    }

    func add(_ transfer: EasyTransfer) -> Bool {
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return false }
        unfinished += 1
        return true
    }

    /// Takes a transfer out, whether it has ended or not.
    func remove(_ transfer: EasyTransfer, isUnfinished: Bool = false) {
        curl_multi_remove_handle(multi, transfer.easy)
        if isUnfinished { unfinished -= 1 }
    }

    /// Does what can be done without waiting, then tells the transfers that ended.
    func perform() {
        guard unfinished > 0 else { return }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let code = ccurl_message_result(message)
            var context: UnsafeMutableRawPointer?
            _ = ccurl_get_private(message.pointee.easy_handle, &context)
            guard let context else { continue }
            unfinished -= 1
            Unmanaged<EasyTransfer>.fromOpaque(context).takeUnretainedValue().ended(code)
        }
    }

    /// Waits until a transfer can go on, or `descriptor` is readable.
    func wait(milliseconds: Int32, descriptor: Int32) {
        var extra = curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        curl_multi_poll(multi, &extra, 1, milliseconds, nil)
    }
}
