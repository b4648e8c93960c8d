internal import CCurl

extension TransferFailure.Kind {
    /// What a result code of libcurl means to a sender.
    ///
    /// - Parameters:
    ///   - isResolved: the name lookup ended.
    ///   - isConnected: the connection stood, TLS included.
    init(curl code: CURLcode, isResolved: Bool, isConnected: Bool) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: self = .dns
        case CURLE_COULDNT_CONNECT: self = .connect
        case CURLE_OPERATION_TIMEDOUT: self = isConnected ? .timeout : isResolved ? .connect : .dns
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            self = .tls
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_WEIRD_SERVER_REPLY,
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_SEND_FAIL_REWIND, CURLE_BAD_CONTENT_ENCODING:
            self = .reset
        case CURLE_URL_MALFORMAT: self = .badURL
        default: self = .other
        }
    }
}

extension AddressPolicy.Refusal {
    func sentence(_ address: IPAddress) -> String {
        switch self {
        case .notPublic(let name): "the address \(address) is \(name), and allow_networks does not open it"
        case .notEncrypted: "plain http is only allowed to what allow_networks opens, and \(address) is not; use https"
        }
    }
}
