internal import CCurl
import Glibc

/// The header lines of one request after another, in libcurl's own form and in memory that is used again.
///
/// libcurl refers to the list as long as a transfer runs. Owned by the transfer thread.
final class HeaderLines {
    /// Without a value: never wait for "100 Continue".
    private static let first: StaticString = "Expect:\0"

    private var text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1024)
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// The list of these headers, behind which nothing else is sent but what libcurl adds by itself.
    func list(_ headers: HTTPHeaders) -> UnsafeMutablePointer<curl_slist>? {
        let count = headers.count + 1
        let size = Self.first.utf8CodeUnitCount + headers.size
        makeRoom(size, count)
        guard var line = text.baseAddress, let list = nodes.baseAddress else { return nil }
        memcpy(line, Self.first.utf8Start, Self.first.utf8CodeUnitCount)
        headers.lines.withUnsafeBytes { lines in
            _ = lines.baseAddress.map { memcpy(line + Self.first.utf8CodeUnitCount, $0, lines.count) }
        }
        for node in 0..<count {
            let start = UnsafeMutableRawPointer(line).assumingMemoryBound(to: CChar.self)
            (list + node).initialize(to: curl_slist(data: start, next: node + 1 < count ? list + node + 1 : nil))
            line += strlen(start) + 1
        }
        return list
    }

    private func makeRoom(_ size: Int, _ count: Int) {
        if size > text.count {
            text.deallocate()
            text = .allocate(capacity: size * 2)
        }
        if count > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: count * 2)
        }
    }
}
