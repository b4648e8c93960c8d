internal import CCurl

// The exchange outlives every transfer of its handle, so the unretained references below are always good.
extension HTTPExchange {
    func installCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_WRITEDATA, context)
        set(CURLOPT_HEADERDATA, context)
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
        _ = ccurl_set_prereq(easy) { context, _, _, _, _ in
            HTTPExchange.of(context)?.mayBeSent() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
        context.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }
}
