internal import CCurl

/// The header lines of one request after another, in libcurl's own form and in memory that is used again.
///
/// libcurl refers to the list as long as a transfer runs. Owned by the transfer thread.
final class HeaderLines {
    private var text = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// The list of these headers, behind which nothing else is sent but what libcurl adds by itself.
    func list(_ headers: [(name: String, value: String)]) -> UnsafeMutablePointer<curl_slist>? {
        makeRoom(headers)
        // Without a value: never wait for "100 Continue".
        var end = append("Expect", ":", "", at: 0, node: 0)
        for (index, header) in headers.enumerated() {
            // A colon without a value would remove the header; a semicolon sends it empty.
            end = append(header.name, header.value.isEmpty ? ";" : ": ", header.value, at: end, node: index + 1)
        }
        for index in 0..<headers.count { nodes[index].next = nodes.baseAddress.map { $0 + index + 1 } }
        return nodes.baseAddress
    }

    private func makeRoom(_ headers: [(name: String, value: String)]) {
        let bytes = headers.reduce(16) { $0 + $1.name.utf8.count + $1.value.utf8.count + 3 }
        if bytes > text.count {
            text.deallocate()
            text = .allocate(byteCount: bytes * 2, alignment: 1)
        }
        if headers.count >= nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: headers.count * 2)
        }
    }

    /// Writes one line and its node, which is the last one so far. Returns the place behind it.
    private func append(_ name: String, _ mark: String, _ value: String, at start: Int, node: Int) -> Int {
        let end = copy(value, at: copy(mark, at: copy(name, at: start)))
        text[end] = 0
        let line = text.baseAddress.map { ($0 + start).assumingMemoryBound(to: CChar.self) }
        nodes.initializeElement(at: node, to: curl_slist(data: line, next: nil))
        return end + 1
    }

    private func copy(_ part: String, at start: Int) -> Int {
        var part = part
        return part.withUTF8 { bytes in
            UnsafeMutableRawBufferPointer(rebasing: text[start...]).copyMemory(from: UnsafeRawBufferPointer(bytes))
            return start + bytes.count
        }
    }
}
