import Glibc
import Settings

/// Lists folders and reads files; the only place of this module that touches the file system.
enum TemplateFolder {
    /// What a folder holds, sorted by name. Names that start with a dot or end with a tilde (editors' and mounts'
    /// own files) are left out.
    static func entries(of folder: String) throws(TemplateError) -> [(name: String, isFolder: Bool)] {
        guard let stream = opendir(folder) else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "unknown error"
            throw TemplateError([TemplateFault(file: folder, "cannot be read: \(reason)")])
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix("."), !name.hasSuffix("~") { names.append(name) }
        }
        return names.sorted().map { ($0, isFolder("\(folder)/\($0)")) }
    }

    static func source(of file: String) throws(TemplateError) -> TemplateSource {
        do throws(TextFile.Fault) {
            return TemplateSource(file: file, text: try TextFile.read(file))
        } catch {
            throw TemplateError([TemplateFault(file: file, error.message)])
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
