internal import CCurl
internal import Time

/// One request and its answer, on a handle that is used again and again. Owned by the transfer thread.
final class HTTPExchange: EasyTransfer {
    /// Headers beyond this many bytes are no answer of a receiver that means well.
    private static let headerLimit = 64 * 1024
    /// Few answers have more, so that few are moved while they grow.
    private static let usualHeaders = 512

    private(set) var token: UInt64 = 0
    private(set) var startedAt = MonotonicTime.now
    /// Where it is at work; `nil` while it is not.
    var loop: CurlMulti?

    private unowned let owner: HTTPTransfers
    private let policy: AddressPolicy
    /// Held while libcurl reads it.
    private var url: WebAddress?
    private var hasCredentials = false
    private let requestHeaders = HeaderLines()
    private var headerBlock: [UInt8] = []
    /// The empty line behind the headers came.
    private var headersAreComplete = false
    private var body: [UInt8] = []
    private var bodyIsCut = false
    /// How often libcurl was about to send this request.
    private var sends = 0
    private var refusal: (address: IPAddress, reason: AddressPolicy.Refusal)?
    private var triedAnAddress = false

    init?(settings: TransferSettings, policy: AddressPolicy, share: UnsafeMutableRawPointer, owner: HTTPTransfers) {
        self.policy = policy
        self.owner = owner
        super.init(settings: settings, protocols: "http,https")
        set(CURLOPT_SHARE, share)
        set(CURLOPT_POST, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        _ = ccurl_set_basic_auth(easy)
        // Load balancers close what is idle for a minute. A request that meets the close is an ambiguous one, so a
        // connection that is about to be closed is not used any more.
        set(CURLOPT_MAXAGE_CONN, 50)
        set(CURLOPT_USERAGENT, settings.userAgent)
        installCallbacks()
    }

    /// Stands for the host that the request goes to.
    var host: Int { url?.hostHash ?? 0 }

    /// True from the moment the peer may have seen a part of the request.
    var wasSent: Bool { sends > 0 }

    override func ended(_ code: CURLcode) { owner.finish(self, code) }

    func prepare(_ token: UInt64, _ request: HTTPRequest) {
        self.token = token
        startedAt = .now
        url = request.url
        headerBlock = []
        headersAreComplete = false
        body = []
        bodyIsCut = false
        sends = 0
        refusal = nil
        triedAnAddress = false
        lacksDescriptor = false
        _ = ccurl_set_url(easy, request.url.handle.pointer)
        set(CURLOPT_TIMEOUT_MS, request.timeout.curlMilliseconds)
        _ = ccurl_set_list(easy, CURLOPT_HTTPHEADER, requestHeaders.list(request.headers))
        setCredentials(request.basicAuth)
        set(CURLOPT_POSTFIELDSIZE, request.body.count)
        request.body.withUnsafeBytes { bytes in
            // No address means "read the body from standard input" to libcurl; an empty body needs one too.
            guard let start = bytes.baseAddress, !bytes.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
            set(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        }
    }

    private func setCredentials(_ credentials: BasicAuth?) {
        if let credentials {
            set(CURLOPT_USERNAME, credentials.user)
            set(CURLOPT_PASSWORD, credentials.password)
        } else if hasCredentials {
            set(CURLOPT_USERNAME, nil as UnsafeMutableRawPointer?)
            set(CURLOPT_PASSWORD, nil as UnsafeMutableRawPointer?)
        }
        hasCredentials = credentials != nil
    }

    func result(_ code: CURLcode) -> TransferResult {
        let status = responseCode
        // libcurl takes an answer that ends within its headers for a whole one, and a 101 too. A body that is cut at
        // the limit was cut on purpose: the status and what we have is the answer.
        if status >= 200, headersAreComplete, code == CURLE_OK || (bodyIsCut && code == CURLE_WRITE_ERROR) {
            return .http(HTTPResponse(status: status, headerBlock: headerBlock, body: body))
        }
        return .failed(failure(code))
    }

    private func failure(_ code: CURLcode) -> TransferFailure {
        let text = takeErrorText(code)
        if code == CURLE_COULDNT_CONNECT, !triedAnAddress, let refusal {
            return TransferFailure(.blocked(refusal.address.description), refusal.reason.sentence(refusal.address))
        }
        if code == CURLE_ABORTED_BY_CALLBACK {
            return TransferFailure(
                .reset, requestSent: true, "the connection was closed before an answer came")
        }
        if code == CURLE_OK {
            return TransferFailure(.reset, requestSent: true, "the connection ended before a whole answer came")
        }
        if code == CURLE_WRITE_ERROR {
            return TransferFailure(.reset, requestSent: true, "the answer's headers are longer than 64 KiB")
        }
        return failure(code, text, isConnected: wasSent)
    }

    // MARK: - What libcurl calls

    override func openSocket(_ address: curl_sockaddr, _ bytes: UnsafeRawBufferPointer) -> curl_socket_t? {
        guard let target = IPAddress(socketAddress: bytes) else { return nil }
        if let reason = policy.refusal(of: target, isEncrypted: url?.isEncrypted ?? false) {
            refusal = (target, reason)
            return nil
        }
        triedAnAddress = true
        return super.openSocket(address, bytes)
    }

    /// libcurl sends a request again by itself when a kept connection turns out to be dead. It cannot know whether
    /// the peer acted on the first copy, so we end the transfer there and say that the outcome is ambiguous.
    func mayBeSent() -> Bool {
        sends += 1
        return sends == 1
    }

    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        // Each status line starts over: only the headers of the last answer count, not those of a 1xx.
        if line.starts(with: "HTTP/".utf8) {
            headerBlock.removeAll(keepingCapacity: true)
            headersAreComplete = false
        } else if line.count <= 2 {
            headersAreComplete = true
        }
        guard headerBlock.count + line.count <= Self.headerLimit else { return false }
        if headerBlock.isEmpty { headerBlock.reserveCapacity(Self.usualHeaders) }
        headerBlock.append(contentsOf: line)
        return true
    }

    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = HTTPResponse.bodyLimit - body.count
        body.append(contentsOf: bytes.prefix(room))
        bodyIsCut = bytes.count > room
        return !bodyIsCut
    }
}
