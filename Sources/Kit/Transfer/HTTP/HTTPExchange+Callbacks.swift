internal import CCurl
import Glibc

// The exchange outlives every transfer of its handle, so the unretained references below are always good.
extension HTTPExchange {
    func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_WRITEDATA, context)
        set(CURLOPT_HEADERDATA, context)
        set(CURLOPT_OPENSOCKETDATA, context)
        set(CURLOPT_PREREQDATA, context)
        _ = ccurl_set_write(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            let isTaken = HTTPExchange.of(context)?.receiveBody(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
            return isTaken == true ? size * count : 0
        }
        _ = ccurl_set_write(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return HTTPExchange.of(context)?.receiveHeader(line) == true ? size * count : 0
        }
        _ = ccurl_set_opensocket(easy) { context, _, address in
            guard let address, let bytes = ccurl_address(address) else { return CURL_SOCKET_BAD }
            let socketAddress = UnsafeRawBufferPointer(start: bytes, count: Int(address.pointee.addrlen))
            return HTTPExchange.of(context)?.openSocket(address.pointee, socketAddress) ?? CURL_SOCKET_BAD
        }
        _ = ccurl_set_prereq(easy) { context, _, _, _, _ in
            HTTPExchange.of(context)?.mayBeSent() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    /// Opens what libcurl asked for, closed on exec.
    func openStreamSocket(_ address: curl_sockaddr) -> curl_socket_t? {
        let result = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        return result >= 0 ? result : nil
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
        context.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }
}
