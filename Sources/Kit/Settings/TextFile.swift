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

extension TextFile {
    /// Writes a whole file, which readers see complete or not at all.
    /// - Throws: when it cannot be written.
    package static func write(_ text: String, to path: String) throws(Fault) {
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Fault(message: "cannot be written: \(String(cString: strerror(errno)))") }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWritten = close(file) == 0 && rest.isEmpty && rename(temporary, path) == 0
        guard isWritten else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw Fault(message: "cannot be written: \(reason)")
        }
    }
}
