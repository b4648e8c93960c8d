internal import CCurl
import Glibc
import Lifecycle
import Time

/// One easy handle of libcurl with the options that hold for everything we send.
///
/// Owned by one thread. A subclass reuses its handle, because a new one costs more than the request.
class EasyTransfer {
    let easy: UnsafeMutableRawPointer
    /// A socket of this transfer could not be had, for want of a descriptor.
    var lacksDescriptor = false
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// nil where memory is short.
    init?(settings: TransferSettings, protocols: String) {
        guard let easy = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.easy = easy
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        set(CURLOPT_PRIVATE, Unmanaged.passUnretained(self).toOpaque())
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, protocols)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // Proxies of the environment would connect for us to addresses that nobody checked.
        set(CURLOPT_PROXY, "")
        // Debian's libcurl reads every certificate of this folder for each new connection: 31 ms.
        set(CURLOPT_CAPATH, nil as UnsafeMutableRawPointer?)
        if let caFile = settings.caFile { set(CURLOPT_CAINFO, caFile) }
        set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.curlMilliseconds)
        // libcurl resolves each name in a thread of its own. Without this option, the end of a transfer waits for
        // that thread, so a DNS server that does not answer would stop everybody; with it, the thread is left to end
        // by itself (getaddrinfo gives up after some seconds). The submitter bounds how many there can be.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
        _ = ccurl_set_opensocket(easy) { context, _, address in
            guard let context, let address, let bytes = ccurl_address(address) else { return CURL_SOCKET_BAD }
            let transfer = Unmanaged<EasyTransfer>.fromOpaque(context).takeUnretainedValue()
            let socketAddress = UnsafeRawBufferPointer(start: bytes, count: Int(address.pointee.addrlen))
            return transfer.openSocket(address.pointee, socketAddress) ?? CURL_SOCKET_BAD
        }
    }

    deinit {
        curl_easy_cleanup(easy)
        errorText.deallocate()
    }

    /// Called when libcurl is through with this transfer, from within `CurlMulti.advance`.
    func ended(_ code: CURLcode) {}

    /// Opens what libcurl asks for, closed on exec.
    ///
    /// - Returns: nil where there is none to be had or where the address may not be connected to.
    func openSocket(_ address: curl_sockaddr, _ bytes: UnsafeRawBufferPointer) -> curl_socket_t? {
        let result = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        if result < 0, DescriptorLimit.isCause(of: errno) { lacksDescriptor = true }
        return result >= 0 ? result : nil
    }

    /// Why a transfer ended as it did. Where descriptors were short, libcurl says that the host does not answer, that its
    /// name does not resolve, or that the file of certificates cannot be read: that would be laid on the destination.
    ///
    /// - Parameters:
    ///   - text: libcurl's own words.
    ///   - isConnected: the connection stood, TLS included, and the request was sent.
    func failure(_ code: CURLcode, _ text: String, isConnected: Bool) -> TransferFailure {
        let kind = TransferFailure.Kind(
            curl: code, isResolved: time(CURLINFO_NAMELOOKUP_TIME_T) > 0, isConnected: isConnected)
        let isForDescriptors =
            switch code {
            case _ where isConnected: false
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_SSL_CACERT_BADFILE, CURLE_OUT_OF_MEMORY:
                DescriptorLimit.isNearlyReached
            default: kind == .connect && lacksDescriptor
            }
        guard isForDescriptors else { return TransferFailure(kind, requestSent: isConnected, text) }
        return TransferFailure(
            .descriptors, "no descriptor is left for a connection: the limit of open files (ulimit -n) is reached")
    }

    /// What libcurl says about the last fault: a sentence with at most host and port in it.
    func takeErrorText(_ code: CURLcode) -> String {
        defer { errorText.pointee = 0 }
        return errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = ccurl_set_string(easy, option, value) }
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) { _ = ccurl_set_pointer(easy, option, value) }

    func time(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        _ = ccurl_get_offset(easy, info, &value)
        return Int64(value)
    }

    var responseCode: Int {
        var value = 0
        _ = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE, &value)
        return value
    }
}

extension Duration {
    /// Zero means "no limit" to libcurl, so the shortest limit is one millisecond.
    var curlMilliseconds: Int { Int(clamping: max(1, min(milliseconds, Int64(Int32.max)))) }
}
