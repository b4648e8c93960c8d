import Glibc

/// Finds configuration files and resolves paths inside them.
package enum ConfigLocator {
    /// The file to use: the one the command line names, else the first that exists in `CONFIG_DIR`, `./config` and
    /// `/etc/notificationhub`.
    /// - Returns: nil when none exists; the defaults apply then.
    package static func find(_ name: String, explicit: String? = nil, environment: [String: String]) -> String? {
        if let explicit { return explicit }
        var directories = ["config", "/etc/notificationhub"]
        if let directory = environment["CONFIG_DIR"], !directory.isEmpty { directories.insert(directory, at: 0) }
        return directories.map { join($0, name) }.first { access($0, F_OK) == 0 }
    }

    /// `path` as seen from the folder of `file`; an absolute path, and any path without a file, stays as it is.
    package static func resolve(_ path: String, relativeTo file: String?) -> String {
        guard let file, !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return join(String(file[..<slash]), path)
    }

    private static func join(_ directory: String, _ name: String) -> String {
        var directory = directory[...]
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        return directory.isEmpty || directory == "/" ? "/\(name)" : "\(directory)/\(name)"
    }
}
