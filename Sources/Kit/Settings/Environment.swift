@preconcurrency import Glibc

/// The environment variables of the process, and the rules by which settings read them.
package enum Environment {
    /// A variable that is set, or the file that `NAME_FILE` names.
    package struct Found: Sendable, Equatable {
        package let text: String
        /// `NAME` or `NAME_FILE`.
        package let name: String
        /// Whether the text is a file's content.
        package let isFile: Bool
    }

    /// Why a variable cannot be used.
    package struct Fault: Error, Sendable, Equatable {
        package let name: String
        package let message: String
    }

    /// The variables the process was started with. Values that are not UTF-8 are repaired.
    package static var current: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let separator = text.firstIndex(of: "=") {
                variables[String(text[..<separator])] = String(text[text.index(after: separator)...])
            }
            entry += 1
        }
        return variables
    }

    /// The value of `name`: the variable, else the content without the last newline of the file that `name_FILE`
    /// names. An empty variable counts as not set.
    /// - Returns: nil when neither is set.
    /// - Throws: when the file cannot be read or is empty.
    package static func find(_ name: String, in variables: [String: String]) throws(Fault) -> Found? {
        if let text = variables[name], !text.isEmpty { return Found(text: text, name: name, isFile: false) }
        let fileVariable = name + "_FILE"
        guard let path = variables[fileVariable], !path.isEmpty else { return nil }
        do throws(TextFile.Fault) {
            var text = try TextFile.read(path)
            if text.last?.isNewline == true { text.removeLast() }
            guard !text.isEmpty else { throw TextFile.Fault(message: "is empty") }
            return Found(text: text, name: fileVariable, isFile: true)
        } catch {
            throw Fault(name: fileVariable, message: "\(path) \(error.message)")
        }
    }
}
