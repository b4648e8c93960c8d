import Glibc

/// The few calls of the socket interface that the operations server and its probe need.
enum Sockets {
    /// Why a socket cannot be had, for people.
    struct Fault: Error {
        let message: String
    }

    /// A socket that listens; without a host on all addresses of both families where the system has both.
    static func listen(host: String?, port: UInt16) throws(Fault) -> Int32 {
        guard let host else {
            // Debian lists 0.0.0.0 first, which would leave IPv6 out.
            if let file = try? listen(host: "::", port: port) { return file }
            return try listen(host: "0.0.0.0", port: port)
        }
        return try eachAddress(of: host, port: port) { address throws(Fault) in
            let file = try open(address)
            var on: Int32 = 1
            setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            guard bind(file, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, Glibc.listen(file, 64) == 0
            else { throw closing(file, "cannot listen on \(host) port \(port)") }
            return file
        }
    }

    /// A connected socket whose every wait ends after `timeout` seconds.
    static func connect(host: String, port: UInt16, timeout: Int) throws(Fault) -> Int32 {
        try eachAddress(of: host, port: port) { address throws(Fault) in
            let file = try open(address)
            var limit = timeval(tv_sec: timeout, tv_usec: 0)
            let size = socklen_t(MemoryLayout<timeval>.size)
            setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
            // On Linux this one limits the connecting, too.
            setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
            guard Glibc.connect(file, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0
            else { throw closing(file, "cannot connect to \(host) port \(port)") }
            return file
        }
    }

    /// The port that a socket is bound to; 0 when it is none.
    static func port(of file: Int32) -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                getsockname(file, base, &length) == 0
            else { return 0 }
            // The port follows the family in both kinds of address, most significant byte first.
            return Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }

    private static func open(_ address: UnsafeMutablePointer<addrinfo>) throws(Fault) -> Int32 {
        let kind = address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let file = socket(address.pointee.ai_family, kind, address.pointee.ai_protocol)
        guard file >= 0 else { throw Fault(message: "cannot open a socket: \(String(cString: strerror(errno)))") }
        return file
    }

    private static func closing(_ file: Int32, _ message: String) -> Fault {
        let reason = String(cString: strerror(errno))
        close(file)
        return Fault(message: "\(message): \(reason)")
    }

    /// Tries the addresses of a name until one works.
    private static func eachAddress(
        of host: String, port: UInt16, _ body: (UnsafeMutablePointer<addrinfo>) throws(Fault) -> Int32
    ) throws(Fault) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else { throw Fault(message: "cannot resolve \(host): \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        var fault = Fault(message: "\(host) has no address")
        var next = list
        while let address = next {
            do throws(Fault) {
                return try body(address)
            } catch {
                fault = error
            }
            next = address.pointee.ai_next
        }
        throw fault
    }
}
