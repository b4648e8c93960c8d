import Glibc

/// Reads whole small text files.
package enum TextFile {
    /// Why a file cannot be used, for people; without the path.
    package struct Fault: Error, Sendable, Equatable {
        package let message: String
    }

    /// The file's text.
    /// - Throws: when it cannot be read, is no regular file or pipe, is longer than `limit` bytes or is not UTF-8.
    package static func read(_ path: String, limit: Int = 1 << 20) throws(Fault) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(message: "cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Fault(message: "cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { throw Fault(message: "is longer than \(limit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(message: "is not UTF-8") }
        return text
    }
}
