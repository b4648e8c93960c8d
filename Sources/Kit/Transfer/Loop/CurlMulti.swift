internal import CCurl
import Time

/// A loop of libcurl: transfers that run at once, and their connections. Owned by one thread.
///
/// libcurl says which sockets it waits for, and they stand in the thread's one poll set: a round costs as much as there
/// is to do in it, however many transfers are at work.
final class CurlMulti {
    /// Which of the thread's loops it is.
    let place: Int
    private let multi: UnsafeMutableRawPointer
    private let poller: EventPoller
    /// When libcurl wants to be called although nothing happens.
    private var wakeAt: MonotonicTime?
    /// Something has been done since the transfers that ended were asked for.
    private var hasNews = false

    /// nil where memory or descriptors are short.
    init?(place: Int, maxConnections: Int, poller: EventPoller) {
        guard let multi = curl_multi_init() else { return nil }
        self.place = place
        self.multi = multi
        self.poller = poller
        // The default is four for each transfer at work: with more hosts, every request would open a new one.
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        installCallbacks()
    }

    /// Every transfer must have been removed.
    deinit { curl_multi_cleanup(multi) }

    // The callbacks are only called from within calls to libcurl, so the unretained reference is always good.
    private func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = ccurl_multi_set_socket(
            multi,
            { _, socket, interest, context, known in
                context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }?
                    .watch(socket, interest, isKnown: known != nil)
                return 0
            }, context)
        _ = ccurl_multi_set_timer(
            multi,
            { _, milliseconds, context in
                context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }?.setTimer(milliseconds)
                return 0
            }, context)
    }

    private func watch(_ socket: curl_socket_t, _ interest: Int32, isKnown: Bool) {
        guard interest != CURL_POLL_REMOVE else { return poller.remove(socket) }
        let (reading, writing) = (interest & CURL_POLL_IN != 0, interest & CURL_POLL_OUT != 0)
        poller.watch(socket, as: .transfer(socket, of: place), reading: reading, writing: writing, isNew: !isKnown)
        // Only says that the socket is known from now on.
        if !isKnown { curl_multi_assign(multi, socket, multi) }
    }

    private func setTimer(_ milliseconds: Int) {
        wakeAt = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }

    func add(_ transfer: EasyTransfer) -> Bool { curl_multi_add_handle(multi, transfer.easy) == CURLM_OK }

    /// Takes a transfer out, whether it has ended or not.
    func remove(_ transfer: EasyTransfer) { curl_multi_remove_handle(multi, transfer.easy) }

    /// Lets libcurl go on with a socket.
    func handle(_ socket: Int32, _ event: EventPoller.Event) {
        hasNews = true
        var running: Int32 = 0
        let actions = (event.isReadable ? CURL_CSELECT_IN : 0) | (event.isWritable ? CURL_CSELECT_OUT : 0)
        curl_multi_socket_action(multi, socket, actions, &running)
    }

    /// Begins what was added and looks after the time, then tells the transfers that ended.
    func advance() {
        if let wakeAt, wakeAt <= .now {
            self.wakeAt = nil
            hasNews = true
            var running: Int32 = 0
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
        }
        guard hasNews else { return }
        hasNews = false
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let code = ccurl_message_result(message)
            var context: UnsafeMutableRawPointer?
            _ = ccurl_get_private(message.pointee.easy_handle, &context)
            guard let context else { continue }
            Unmanaged<EasyTransfer>.fromOpaque(context).takeUnretainedValue().ended(code)
        }
    }

    /// How long the thread may sleep, at most so many milliseconds.
    func patience(_ milliseconds: Int32) -> Int32 {
        guard let wakeAt else { return milliseconds }
        let rest = wakeAt - .now
        // Rounded up: a little too early would be once more for nothing.
        return rest <= .zero ? 0 : min(milliseconds, Int32(clamping: rest.milliseconds + 1))
    }
}
