import Glibc

/// The files of this package as tests read them: the example configuration, schemas, golden files.
package enum Repository {
    /// The package's folder, absolute.
    package static let root: String = {
        // Sources/TestKit/Repository.swift, three levels below the root.
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The absolute path of a file that is named from the root, such as `config/core.yaml`.
    package static func path(_ name: String) -> String { "\(root)/\(name)" }

    /// A file's bytes; empty when it cannot be read, which a test should notice.
    package static func bytes(_ name: String) -> [UInt8] {
        guard let stream = fopen(name.hasPrefix("/") ? name : path(name), "r") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    /// A file's text.
    package static func text(_ name: String) -> String { String(decoding: bytes(name), as: UTF8.self) }
}
